-- The adapter that sdk_test.py drives; wrong wherever an SDK must help.
package.path = arg[0]:match("^.*/") .. "?.lua;" .. package.path
local sdk = require "assay_sdk"

local adapter = sdk.adapter{name = "test adapter", version = "1.2",
                            supports = {"queue", "-queue.close"}}
local queues = {}

adapter.ops["queue.open"] = function(params) queues[params.queue] = {} end

adapter.ops["queue.put"] = function(params)
  local queue = queues[params.queue] or sdk.raise("NoSuchObject", params.queue)
  local item = params.item
  if item == "defaults" then item = {params.block, params.timeout or sdk.null} end
  table.insert(queue, item)
end

adapter.ops["queue.get_nowait"] = function(params)
  local queue = queues[params.queue]
  if #queue == 0 then sdk.raise("Empty", "nothing here") end
  return table.remove(queue, 1)
end

adapter.ops["queue.qsize"] = function(params)
  return params.queue == "wrong type" and "three" or #queues[params.queue]
end

adapter.ops["queue.empty"] = function() error("an accident") end
adapter.ops["queue.full"] = function() sdk.raise("Overfull", "no such type") end
adapter.ops["regex.compile"] = function()
  sdk.raise("PatternError", "what is this", {position = 3})
end

adapter.ops["http.parse_request"] = function(params)
  if params.bytes == "bad" then sdk.raise("MessageError", "refused", {status = 431}) end
  return {method = "GET", target = "/", version = "HTTP/1.1", headers = {},
          body = sdk.bytes(params.bytes:reverse()), consumed = #params.bytes}
end

os.exit(adapter:run())
