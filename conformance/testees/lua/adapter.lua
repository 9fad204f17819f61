-- Lua's coroutines as a testee, of the interpreter that runs this: the areas generator, coroutine
-- and cost. A coroutine is one body of steps; a step may yield from however deep it is called.
local posix = require "posix"
local sdk = require "assay_sdk"

local is_jit = jit ~= nil
local adapter = sdk.adapter{
  name = is_jit and "LuaJIT" or "Lua",
  version = is_jit and jit.version:match("%S+$") or _VERSION:match("%S+$"),
  supports = {
    "generator", "-generator.call/is-an-iterator", "-generator.call/textual-form",
    "-generator.call/function-stays-a-function",
    "-generator.raise/stop-iteration-becomes-runtime-error",
    "-generator.expression", "-generator.throw",
    "-generator.close", "-generator.delegate",
    "coroutine",
  },
}
local ops = adapter.ops

-- ---- generator ----------------------------------------------------------------------------------

local generators = {}

local function at(name)
  return generators[name] or sdk.raise("NoSuchObject", name)
end

-- One turn of a coroutine. Its status tells its end; what it returned comes with its last turn.
local function resume(made, value)
  local status = coroutine.status(made)
  if status == "dead" then sdk.raise("StopIteration") end
  local done, result = coroutine.resume(made, value)
  if not done then
    -- The message is the library's own: "cannot resume non-suspended coroutine".
    if status ~= "suspended" then sdk.raise("ValueError", result) end
    error(result, 0)
  end
  if coroutine.status(made) ~= "dead" then return result end
  local more = result ~= nil and result ~= sdk.null and {value = result} or nil
  sdk.raise("StopIteration", "", more)
end

ops["generator.open"] = function(params)
  local body, arguments = adapter:body(params.steps), params.arguments
  generators[params.generator] = coroutine.create(function() return body(arguments) end)
end

ops["generator.fib"] = function(params)
  generators[params.generator] = coroutine.create(function()
    local a, b = 0, 1
    for _ = 1, params.count do
      coroutine.yield(a)
      a, b = b, a + b
    end
  end)
end

ops["generator.yield"] = function(params) return coroutine.yield(params.value) end
ops["generator.next"] = function(params) return resume(at(params.generator)) end
ops["generator.send"] = function(params) return resume(at(params.generator), params.value) end

-- The generic for of Lua, over a function that resumes.
ops["generator.list"] = function(params)
  local made, items = at(params.generator), sdk.list{}
  local function step()
    if coroutine.status(made) == "dead" then return nil end
    local done, item = coroutine.resume(made)
    if not done then error(item, 0) end
    if coroutine.status(made) == "dead" then return nil end
    return item
  end
  for item in step do
    items[#items + 1] = item
    if #items == params.limit then break end
  end
  return items
end

-- ---- coroutine ----------------------------------------------------------------------------------

ops["coroutine.run"] = function(params)
  local running = {}
  for index, steps in ipairs(params.bodies) do
    local body = adapter:body(steps)
    running[index] = coroutine.create(function() body{} end)
  end
  for _ = 1, params.rounds do
    local going_on = {}
    for _, each in ipairs(running) do
      local done, result = coroutine.resume(each)
      if not done then error(result, 0) end
      if coroutine.status(each) ~= "dead" then going_on[#going_on + 1] = each end
    end
    running = going_on
  end
end

local function ticking()
  return coroutine.wrap(function()
    while true do coroutine.yield() end
  end)
end

ops["coroutine.switches"] = function(params)
  local step = ticking()
  local begin = sdk.now_ns()
  for _ = 1, params.count do step() end
  return sdk.now_ns() - begin
end

os.exit(adapter:run())
