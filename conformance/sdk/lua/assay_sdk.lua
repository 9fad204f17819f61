-- What an adapter in Lua needs to be checked by assay: one file, over luaposix.
--
-- An adapter is a program that performs ops (queue.put, regex.search) when assay asks:
--
--     local sdk = require "assay_sdk"
--
--     local adapter = sdk.adapter{name = "my queue", version = "1.0",
--                                 supports = {"queue.put", "queue.get"}}
--     local queues = {}
--
--     adapter.ops["queue.open"] = function(params) queues[params.queue] = {} end
--     adapter.ops["queue.get_nowait"] = function(params)
--       local queue = queues[params.queue] or sdk.raise("NoSuchObject", params.queue)
--       if #queue == 0 then sdk.raise("Empty", "nothing here") end
--       return table.remove(queue, 1)
--     end
--     os.exit(adapter:run())
--
-- Handlers get a table of the op's params, complete with every default. A param that is null is
-- nil; where null is a value like another (the type any, items of lists) it is sdk.null. Params of
-- the type bytes arrive as strings; sdk.bytes("...") in a result is sent as {"base64": text}. Lists
-- that came are known as lists when they are sent again; sdk.list{} says so of a table that is
-- empty and stands where the protocol allows any value.
-- sdk.raise(type, message) becomes that error; any other error is an InternalError.
--
-- Built in are the ops of actor, script, event, time, data and memory, process.self and
-- process.start, which forks. There is no thread.start: Lua has no threads that share anything.
--
-- Lua 5.3 and LuaJIT (whose integers are exact up to 2^53), Linux. JSON is read and written here,
-- because lua-cjson 2.1 tells neither [] from {} nor integers of more than 14 digits. The protocol
-- itself: PROTOCOL.md.

local posix = require "posix"
local sockets = require "posix.sys.socket"
local signal = require "posix.signal"

local sdk = {}

local by_hand = [[
%s: an adapter of assay for %s.

It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it something with
  assay call path/to/testee.toml OP '{"param": value}'
and run the whole spec with
  assay check path/to/testee.toml
where testee.toml names this program as its [adapter] command.
]]

-- ---- conditions ---------------------------------------------------------------------------------

local Raised = {}

--- A condition: one of the protocol's error types and what went wrong. `more` may hold position
--- (for PatternError and TemplateError), status (MessageError) and value (StopIteration).
function sdk.raised(kind, message, more)
  local made = {type = kind, message = message or ""}
  for key, value in pairs(more or {}) do made[key] = value end
  return setmetatable(made, Raised)
end

function sdk.raise(...) error(sdk.raised(...), 0) end

local BadParams = {}

local function bad_params(...)
  error(setmetatable({message = string.format(...)}, BadParams), 0)
end

local function message_of(failure)
  return type(failure) == "table" and failure.message or tostring(failure)
end

-- ---- JSON ---------------------------------------------------------------------------------------

sdk.null = setmetatable({}, {__tostring = function() return "null" end})

local List = {}

--- The table as a list, also when it is empty.
function sdk.list(items) return setmetatable(items, List) end

local function is_list(value)
  return type(value) == "table" and value ~= sdk.null
    and (getmetatable(value) == List or #value > 0)
end

local is_float = math.type and function(value) return math.type(value) == "float" end
  or function(value) return value ~= math.floor(value) or math.abs(value) >= 2 ^ 63 end

local short = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
               ['"'] = '"', ["\\"] = "\\", ["/"] = "/"}

local function utf8_of(point)
  if point < 0x80 then return string.char(point) end
  local tail, bytes = {}, point < 0x800 and 2 or point < 0x10000 and 3 or 4
  for at = bytes, 2, -1 do
    tail[at] = string.char(0x80 + point % 64)
    point = math.floor(point / 64)
  end
  tail[1] = string.char(({0, 0xC0, 0xE0, 0xF0})[bytes] + point)
  return table.concat(tail)
end

local function decode(text, most_nesting)
  local at, nesting = 1, 0
  local value

  local function wrong(what) sdk.raise("ValueError", what .. " at byte " .. at) end

  local function skip() at = text:find("[^ \t\r\n]", at) or #text + 1 end

  local function expect(byte)
    skip()
    if text:sub(at, at) ~= byte then wrong("no " .. byte) end
    at = at + 1
  end

  -- The text that a string's escapes stand for.
  local function unescaped(raw)
    local high, high_end  -- the first of two surrogates
    local made = raw:gsub("()\\(.)(%x?%x?%x?%x?)()", function(begin, letter, hex, stop)
      if high and high_end ~= begin then wrong("a lone surrogate") end
      if letter ~= "u" then return (short[letter] or wrong("no escape")) .. hex end
      local point = #hex == 4 and tonumber(hex, 16) or wrong("no hexadecimal number")
      if high and point >= 0xDC00 and point <= 0xDFFF then
        point = 0x10000 + (high - 0xD800) * 0x400 + point - 0xDC00
        high = nil
      elseif high or point >= 0xDC00 and point <= 0xDFFF then
        wrong("a lone surrogate")
      elseif point >= 0xD800 and point <= 0xDBFF then
        high, high_end = point, stop
        return ""
      end
      return utf8_of(point)
    end)
    if high then wrong("a lone surrogate") end
    return made
  end

  local function string_at()
    expect '"'
    local begin, has_escapes = at, false
    while true do
      local stop = text:find('["\\%c]', at) or wrong("no end of the string")
      local byte = text:byte(stop)
      at = stop + 1
      if byte == 34 then
        local raw = text:sub(begin, stop - 1)
        return has_escapes and unescaped(raw) or raw
      end
      if byte == 92 then
        has_escapes = true
        at = stop + 2
      elseif byte ~= 127 then
        wrong("a control character")
      end
    end
  end

  local function number_at()
    local whole = text:match("^%-?0", at) or text:match("^%-?[1-9]%d*", at) or wrong("no value")
    local fraction = text:match("^%.%d+", at + #whole) or ""
    local exponent = text:match("^[eE][+-]?%d+", at + #whole + #fraction) or ""
    at = at + #whole + #fraction + #exponent
    return tonumber(whole .. fraction .. exponent)
  end

  -- Items up to the closing bracket; `item` reads one into the table.
  local function filled(made, close, item)
    at, nesting = at + 1, nesting + 1
    if nesting > most_nesting then wrong("too deep") end
    skip()
    if text:sub(at, at) == close then
      at = at + 1
    else
      repeat
        item(made)
        skip()
        local byte = text:sub(at, at)
        at = at + 1
        if byte ~= "," and byte ~= close then wrong("no comma") end
      until byte == close
    end
    nesting = nesting - 1
    return made
  end

  local words = {["true"] = true, ["false"] = false, null = sdk.null}

  function value()
    skip()
    local byte = text:sub(at, at)
    if byte == '"' then return string_at() end
    if byte == "[" then
      return filled(sdk.list{}, "]", function(made) made[#made + 1] = value() end)
    end
    if byte == "{" then
      return filled({}, "}", function(made)
        skip()
        local key = string_at()
        expect ":"
        made[key] = value()
      end)
    end
    local word = text:match("^%l+", at)
    if word and words[word] ~= nil then
      at = at + #word
      return words[word]
    end
    return number_at()
  end

  local made = value()
  skip()
  if at <= #text then wrong("more than one value") end
  return made
end

local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(byte)
    return escapes[byte] or byte ~= "\127" and string.format("\\u%04x", byte:byte()) or byte
  end) .. '"'
end

local function encode(value)
  local kind = type(value)
  if value == nil or value == sdk.null then return "null" end
  if kind == "string" then return quoted(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "cdata" then return (tostring(value):gsub("U?LL$", "")) end  -- LuaJIT's 64 bits
  if kind == "number" then
    if value ~= value or math.abs(value) == math.huge then
      sdk.raise("InternalError", "a number that is not finite")
    end
    if is_float(value) then return (string.format("%.17g", value)) end
    return string.format(math.type and "%d" or "%.0f", value)
  end
  if kind ~= "table" then sdk.raise("InternalError", "a result may not hold a " .. kind) end
  local parts = {}
  if is_list(value) then
    for index = 1, #value do parts[index] = encode(value[index]) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do
    parts[#parts + 1] = quoted(tostring(key)) .. ":" .. encode(item)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- ---- bytes --------------------------------------------------------------------------------------

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local digit_of, value_of = {}, {}
for index = 0, 63 do
  local digit = digits:sub(index + 1, index + 1)
  digit_of[index], value_of[digit:byte()] = digit, index
end

--- A byte string as the JSON value that stands for it.
function sdk.bytes(data)
  local floor = math.floor
  local text = data:gsub("..?.?", function(three)
    local a, b, c = three:byte(1, 3)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    return digit_of[floor(bits / 262144)] .. digit_of[floor(bits / 4096) % 64]
      .. (b and digit_of[floor(bits / 64) % 64] or "=") .. (c and digit_of[bits % 64] or "=")
  end)
  return {base64 = text}
end

function sdk.is_bytes(value)
  return type(value) == "table" and type(value.base64) == "string" and next(value, "base64") == nil
    and next(value) == "base64"
end

--- The byte string that {"base64": text} stands for.
function sdk.bytes_of(value)
  local text = value.base64
  if #text % 4 ~= 0 or not text:find("^[%w+/]*=?=?$") then sdk.raise("ValueError", "not base64") end
  local floor, char = math.floor, string.char
  return (text:gsub("....", function(four)
    local a, b, c, d = four:byte(1, 4)
    local bits = value_of[a] * 262144 + value_of[b] * 4096 + (value_of[c] or 0) * 64
      + (value_of[d] or 0)
    local bytes = char(floor(bits / 65536), floor(bits / 256) % 256, bits % 256)
    return bytes:sub(1, d ~= 61 and 3 or c ~= 61 and 2 or 1)
  end))
end

-- ---- the little type language of protocol.json --------------------------------------------------

-- A type is a function of a value that says whether it fits. Lists are marked as such on the way.
local scalars = {
  int = function(value)
    return type(value) == "number" and not is_float(value) or type(value) == "cdata"
  end,
  number = function(value) return type(value) == "number" end,
  bool = function(value) return type(value) == "boolean" end,
  string = function(value) return type(value) == "string" end,
  any = function() return true end,
  null = function(value) return value == nil or value == sdk.null end,
  bytes = sdk.is_bytes,
}

local make_type

local function type_of(types, expression)
  expression = expression:match("^%s*(.-)%s*$")
  if not types.made[expression] then
    -- A named type may hold itself; until it is made, look it up at each call.
    types.made[expression] = function(value) return types.made[expression](value) end
    types.made[expression] = make_type(types, expression)
  end
  return types.made[expression]
end

local function object_type(types, fields)
  local required, known = {}, {}
  for field, expression in pairs(fields) do
    local name = field:match("^(.-)%??$")
    known[name] = type_of(types, expression)
    if name == field then required[#required + 1] = name end
  end
  return function(value)
    if type(value) ~= "table" or is_list(value) or value == sdk.null then return false end
    for field, item in pairs(value) do
      if not known[field] or not known[field](item) then return false end
    end
    for _, field in ipairs(required) do
      if value[field] == nil and not known[field](nil) then return false end
    end
    return true
  end
end

function make_type(types, expression)
  if expression:find("|", 1, true) then
    local either = {}
    for part in expression:gmatch("[^|]+") do either[#either + 1] = type_of(types, part) end
    return function(value)
      for _, fits in ipairs(either) do
        if fits(value) then return true end
      end
      return false
    end
  end
  if expression:sub(-2) == "[]" then
    local item_fits = type_of(types, expression:sub(1, -3))
    return function(value)
      if not is_list(value) and (type(value) ~= "table" or next(value)) then return false end
      for index = 1, #value do
        if not item_fits(value[index]) then return false end
      end
      if value ~= sdk.null then sdk.list(value) end
      return value ~= sdk.null
    end
  end
  if expression:sub(-1) == "?" then
    local inner = type_of(types, expression:sub(1, -2))
    return function(value) return value == nil or value == sdk.null or inner(value) end
  end
  if scalars[expression] then return scalars[expression] end
  local named = types.named[expression]
    or error("protocol.json uses the unknown type " .. expression)
  if type(named) == "string" then return type_of(types, named) end  -- another name for a type
  return object_type(types, named)
end

-- ---- the adapter --------------------------------------------------------------------------------

local Adapter = {}
Adapter.__index = Adapter

--- about: name, version, supports (areas, groups, slugs; a leading - takes one back out), language.
--- Handlers go to the table `ops` of what is returned; the built-in ones stand there already.
function sdk.adapter(about)
  local made = setmetatable({
    implementation = {name = about.name, version = about.version,
                      language = about.language or "Lua"},
    supports = sdk.list(about.supports or {}),
    variables = {},  -- the global variables that the ops data.* are about
    memory = {}, started = {main = true},
    children = {},   -- read end of a pipe that ends when the child does => the child's pid
  }, Adapter)
  made.ops = made:built_in()
  return made
end

--- Connects, says hello, serves requests; the exit code of the program.
function Adapter:run()
  if not os.getenv("ASSAY_SOCKET") then
    io.stderr:write(by_hand:format(arg[0]:match("[^/]*$"), self.implementation.name))
    return 2
  end
  local loaded, wrong = pcall(self.load_protocol, self)
  if not loaded then
    io.stderr:write(message_of(wrong), "\n")
    return 1
  end
  return self:end_of("main")
end

function Adapter:load_protocol()
  local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
  local path = os.getenv("ASSAY_PROTOCOL") or here .. "../../protocol.json"
  local file = assert(io.open(path, "rb"))
  local protocol = decode(file:read("*a"), 128)
  file:close()
  local types = {named = protocol.types, made = {}}
  self.known = protocol.ops
  for _, op in pairs(self.known) do
    op.result_fits = type_of(types, op.result)
    for _, param in pairs(op.params) do param.fits = type_of(types, param.type) end
  end
  self.protocol, self.error_types = protocol.protocol, protocol.error_types
  self.line_bytes, self.nesting = protocol.limits.line_bytes, protocol.limits.nesting
  for name in pairs(self.ops) do
    if not self.known[name] then error("a handler for an op that the protocol lacks: " .. name) end
  end
end

--- Takes the name for a new actor; ValueError when it was taken before.
function Adapter:take_name(actor)
  if actor == "" or self.started[actor] then
    sdk.raise("ValueError", "an actor named '" .. actor .. "' was started before")
  end
  self.started[actor] = true
end

-- The exit code that the process of this actor ends with, after it has served.
function Adapter:end_of(actor)
  local served, code = pcall(self.serve, self, actor)
  if served then return code end
  io.stderr:write(message_of(code), "\n")
  return 1  -- as the interpreter ends
end

function Adapter:arguments(name, given)
  if type(given) ~= "table" or is_list(given) then
    bad_params("%s: params must be an object", name)
  end
  local params, filled = self.known[name].params, {}
  for param, about in pairs(params) do
    local value = given[param]
    if value == nil then
      value = about.default
      if value == nil then bad_params("%s: %s is missing", name, param) end
      -- A copy: what a handler does to it is no default of the next call.
      if type(value) == "table" and value ~= sdk.null then value = decode(encode(value), 128) end
    elseif not about.fits(value) then
      bad_params("%s: %s must be %s", name, param, about.type)
    end
    if about.type:find("^bytes%??$") and value ~= sdk.null then
      local known, data = pcall(sdk.bytes_of, value)
      if not known then bad_params("%s: %s is not base64", name, param) end
      value = data
    end
    if value ~= sdk.null or about.type == "any" then filled[param] = value end
  end
  for param in pairs(given) do
    if not params[param] then bad_params("%s: has no param %s", name, param) end
  end
  return filled
end

function Adapter:perform(name, arguments)
  local result = self.ops[name](arguments)
  if not self.known[name].result_fits(result) then
    sdk.raise("InternalError", string.format("%s returned %s, which is not %s", name,
                                             encode(result):sub(1, 200), self.known[name].result))
  end
  return result
end

--- What was raised, as the `data` of an error reply.
function Adapter:error_data(failure)
  local made = {}
  if getmetatable(failure) == BadParams then
    made = {type = "ValueError", message = failure.message}
  elseif getmetatable(failure) ~= Raised then
    io.stderr:write(tostring(failure), "\n")
    made = {type = "InternalError", message = tostring(failure)}
  elseif not self.error_types[failure.type] then
    made = {type = "InternalError", message = failure.type .. " is no error type of the protocol"}
  else
    for key, value in pairs(failure) do made[key] = value end
  end
  return made
end

-- ---- the loop -----------------------------------------------------------------------------------

local function reply_error(id, code, message, data)
  return {jsonrpc = "2.0", id = id, error = {code = code, message = message, data = data}}
end

function Adapter:failure(id, failure)
  local data = self:error_data(failure)
  return reply_error(id, -32000, data.message, data)
end

function Adapter:send(message)
  local encoded, line = pcall(encode, message)
  if not encoded or #line > self.line_bytes then
    local wrong = encoded and "the reply is too long" or message_of(line)
    line = encode(self:failure(message.id, sdk.raised("InternalError", wrong)))
  end
  line = line .. "\n"
  local sent = 0
  while sent < #line do
    local wrote = posix.write(self.connection, sent == 0 and line or line:sub(sent + 1))
    if not wrote then return false end
    sent = sent + wrote
  end
  return true
end

function Adapter:answer(line)
  local decoded, request = pcall(decode, line, self.nesting)
  if not decoded then return reply_error(sdk.null, -32700, "not JSON: " .. message_of(request)) end
  local is_object = type(request) == "table" and not is_list(request)
  local id, name = is_object and request.id, is_object and request.method
  if not id or type(name) ~= "string" then
    return reply_error(id or sdk.null, -32600, "a request is an object with id and method")
  end
  if not self.ops[name] then
    return reply_error(id, -32601, "this adapter has no op " .. name)
  end
  local done, result = pcall(function()
    return self:perform(name, self:arguments(name, request.params or {}))
  end)
  if done then return {jsonrpc = "2.0", id = id, result = result == nil and sdk.null or result} end
  if getmetatable(result) == BadParams then return reply_error(id, -32602, result.message) end
  return self:failure(id, result)
end

function Adapter:serve(actor)
  self.actor, self.exit_code, self.uncaught = actor, nil, nil
  signal.signal(signal.SIGPIPE, signal.SIG_IGN)
  self.connection = assert(sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM, 0))
  assert(sockets.connect(self.connection,
                         {family = sockets.AF_UNIX, path = os.getenv("ASSAY_SOCKET")}))
  local pid = posix.getpid("pid")
  local hello = {protocol = self.protocol, actor = actor, pid = pid, tid = pid}
  if actor == "main" then
    hello.implementation, hello.supports = self.implementation, self.supports
  end
  self:send{jsonrpc = "2.0", method = "hello", params = hello}
  local parts, size = {}, 0
  while true do
    self:reap_until_readable()
    local chunk = posix.read(self.connection, 262144)
    if not chunk or chunk == "" then break end
    local begin = 1
    for stop in chunk:gmatch("()\n") do
      parts[#parts + 1] = chunk:sub(begin, stop - 1)
      begin = stop + 1
      local line = table.concat(parts)
      parts, size = {}, 0
      local sent = line == "" or self:send(self:answer(line))
      if self.exit_code or self.uncaught or not sent then
        posix.close(self.connection)
        if self.uncaught then error(self.uncaught, 0) end
        return self.exit_code or 0
      end
    end
    parts[#parts + 1] = chunk:sub(begin)
    size = size + #chunk - begin + 1
    if size > self.line_bytes then error("a request is longer than the limit") end
  end
  posix.close(self.connection)
  return 0
end

-- Waits for a request and reaps children that end in the meantime.
function Adapter:reap_until_readable()
  while next(self.children) do
    local waiting = {[self.connection] = {events = {IN = true}}}
    for lifeline in pairs(self.children) do waiting[lifeline] = {events = {IN = true}} end
    posix.poll(waiting, -1)
    for descriptor, about in pairs(waiting) do
      if self.children[descriptor] and (about.revents.HUP or about.revents.IN) then
        posix.wait(self.children[descriptor])
        posix.close(descriptor)
        self.children[descriptor] = nil
      end
    end
    if waiting[self.connection].revents.IN or waiting[self.connection].revents.HUP then return end
  end
end

function Adapter:start_process(actor)
  self:take_name(actor)
  local ends, lifeline = posix.pipe()
  local pid = posix.fork()
  if pid ~= 0 then
    posix.close(lifeline)
    self.children[ends] = pid
    return
  end
  posix.close(self.connection)
  posix.close(ends)
  for inherited in pairs(self.children) do posix.close(inherited) end
  if self.lifeline then posix.close(self.lifeline) end  -- the parent's own
  self.lifeline, self.children = lifeline, {}
  os.exit(self:end_of(actor))
end

-- ---- functions made of steps --------------------------------------------------------------------

local control = {["script.argument"] = true, ["script.return"] = true, ["script.raise"] = true,
                 ["script.repeat"] = true, ["script.try"] = true}

function Adapter:check_step(name, where)
  if not self.ops[name] or name == "script.run" or name:find("^actor%.") then
    sdk.raise("ValueError", name .. " cannot stand in a " .. where)
  end
end

--- Performs steps within a frame {arguments, last}; true when script.return ended them. They run
--- where they are called, so that a step may yield from the coroutine around them.
function Adapter:run_steps(steps, frame)
  for _, step in ipairs(steps) do
    local name, given = step.op, {}
    self:check_step(name, "function")
    for param, value in pairs(step.params or {}) do given[param] = value end
    if step.use then given[step.use] = frame.last == nil and sdk.null or frame.last end
    local params = self:arguments(name, given)
    if not control[name] then
      frame.last = self:perform(name, params)
    elseif name == "script.return" then
      frame.last = params.value
      return true
    elseif name == "script.raise" then
      sdk.raise(params.type, params.message)
    elseif name == "script.argument" then
      frame.last = frame.arguments[params.index + 1]
      if frame.last == nil then sdk.raise("ValueError", "no such argument") end
    elseif name == "script.repeat" then
      local round = 0
      while not params.times or round < params.times do
        if self:run_steps(params.steps, frame) then return true end
        round = round + 1
      end
    elseif self:run_try(params, frame) then
      return true
    end
  end
  return false
end

function Adapter:run_try(params, frame)
  local value = frame.last
  local ended, returned = pcall(function()
    local done, result = pcall(self.run_steps, self, params.steps, frame)
    if not done then
      local data = self:error_data(result)
      if data.type ~= params.catch then error(result, 0) end
      frame.last = data.message
      result = self:run_steps(params.handler, frame)
    end
    value = frame.last
    return result
  end)
  if self:run_steps(params.finally, frame) then return true end
  if not ended then error(returned, 0) end
  frame.last = value
  return returned
end

--- A function whose body performs the steps: see script.call in PROTOCOL.md.
function Adapter:body(steps)
  return function(arguments)
    local frame = {arguments = arguments}
    self:run_steps(steps, frame)
    return frame.last
  end
end

--- CLOCK_MONOTONIC in nanoseconds.
function sdk.now_ns()
  local seconds, nanoseconds = posix.clock_gettime("monotonic")
  return seconds * 1000000000 + nanoseconds
end

function Adapter:script_run(params)
  local plan, events = {}, sdk.list{}
  for index, step in ipairs(params.steps) do
    self:check_step(step.op, "script")
    if step.use then bad_params("step %d: use stands in functions: script.call", index - 1) end
    plan[index] = {step.op, self:arguments(step.op, step.params or {})}
  end
  local begin = sdk.now_ns()
  for _ = 1, params["repeat"] do
    for index, step in ipairs(plan) do
      local start = params.log and sdk.now_ns()
      local done, result = pcall(self.perform, self, step[1], step[2])
      if params.log then
        local event = {step = index - 1, start_ns = start, end_ns = sdk.now_ns()}
        if not done then event.error = self:error_data(result)
        elseif result == nil then event.result = sdk.null
        else event.result = result end
        events[#events + 1] = event
      end
    end
  end
  return {elapsed_ns = sdk.now_ns() - begin, events = events}
end

-- ---- built-in ops -------------------------------------------------------------------------------

local function log_event(value)
  local pid = posix.getpid("pid")
  local file = assert(io.open((os.getenv("ASSAY_SCRATCH") or ".") .. "/events", "a"))
  file:write(encode{value = value, t_ns = sdk.now_ns(), pid = pid, tid = pid}, "\n")
  file:close()
end

local function sleep(seconds)
  local till = sdk.now_ns() + seconds * 1e9
  local left = till - sdk.now_ns()
  while left > 0 do
    posix.nanosleep(math.floor(left / 1e9), math.floor(left % 1e9))
    left = till - sdk.now_ns()
  end
end

-- 64 bits that wrap: Lua 5.3's integers, LuaJIT's uint64_t.
local function compute(rounds)
  local value, factor, summand = 1, math.tointeger and math.tointeger("6364136223846793005"),
    math.tointeger and math.tointeger("1442695040888963407")
  if not factor then
    local wide = require("ffi").typeof("uint64_t")
    value, factor = wide(1), wide(1481765933) * 4294967296 + 1284865837
    summand = wide(335903614) * 4294967296 + 4150755663
  end
  for _ = 1, rounds do value = value * factor + summand end
  if not math.type then return value / 4 end
  return load "return ... >> 2"(value)  -- LuaJIT cannot read it
end

function Adapter:block(params, size)
  local block = self.memory[params.name] or sdk.raise("NoSuchObject", params.name)
  if params.offset < 0 or size < 0 or params.offset + size > #block then
    sdk.raise("ValueError", "outside of the memory")
  end
  return block
end

function Adapter:built_in()
  local variables = self.variables
  local ops = {
    ["actor.exit"] = function(params)
      local code = params.code
      if code < 0 or code > 255 then bad_params("actor.exit: code must be 0 to 255") end
      self.exit_code = code
    end,
    ["actor.raise"] = function(params) self.uncaught = sdk.raised(params.type, params.message) end,
    ["process.start"] = function(params) self:start_process(params.actor) end,
    ["process.self"] = function()
      local pid = posix.getpid("pid")
      return {pid = pid, ppid = posix.getpid("ppid"), tid = pid}
    end,
    ["script.run"] = function(params) return self:script_run(params) end,
    ["script.call"] = function(params) return self:body(params.steps)(params.arguments) end,
    ["event.log"] = function(params) log_event(params.value) end,
    ["time.sleep"] = function(params) sleep(params.seconds) end,
    ["time.compute"] = function(params) return compute(params.rounds) end,
    ["data.set"] = function(params) variables[params.name] = params.value end,
    ["data.get"] = function(params)
      if variables[params.name] == nil then sdk.raise("KeyError", params.name) end
      return variables[params.name]
    end,
    ["data.append"] = function(params)
      variables[params.name] = variables[params.name] or sdk.list{}
      table.insert(variables[params.name], params.value)
    end,
    ["data.add"] = function(params)
      variables[params.name] = (variables[params.name] or 0) + params.by
      return variables[params.name]
    end,
    -- Strings are immutable: a write makes the block anew.
    ["memory.allocate"] = function(params)
      if params.bytes <= 0 then sdk.raise("ValueError", "bytes must be positive") end
      self.memory[params.name] = string.rep("\1", params.bytes)
    end,
    ["memory.write"] = function(params)
      local block = self:block(params, params.bytes)
      self.memory[params.name] = block:sub(1, params.offset)
        .. string.rep(string.char(params.value), params.bytes)
        .. block:sub(params.offset + params.bytes + 1)
    end,
    ["memory.read"] = function(params)
      return self:block(params, 1):byte(params.offset + 1)
    end,
  }
  for name in pairs(control) do
    ops[name] = function() sdk.raise("ValueError", "this step stands in a function only") end
  end
  return ops
end

return sdk
