// What an adapter in JavaScript needs to be checked by assay: one file, Node's own modules only.
//
// An adapter is a program that performs ops (`queue.put`, `regex.search`) when assay asks:
//
//   import { Adapter, Raised } from "./assay_sdk.mjs";
//
//   const adapter = new Adapter("my queue", "1.0", { supports: ["queue.put", "queue.get"] });
//   const queues = new Map();
//   adapter.op("queue.open", ({ queue, maxsize }) => void queues.set(queue, new Queue(maxsize)));
//   adapter.op("queue.get", async ({ queue, timeout }) => {
//     if (!queues.has(queue)) throw new Raised("NoSuchObject", queue);
//     return queues.get(queue).get(timeout);
//   });
//   adapter.run();
//
// A handler gets the op's params as one object, every default filled in, and returns the result or
// a promise of it; the next op begins once that is settled. Params of the type `bytes` arrive as
// Buffer, and a Uint8Array anywhere in a result is sent as {"base64": text}. A bigint is sent as
// the integer that it is; one that arrives is a number, which rounds what is beyond 2**53.
//
// What a handler throws becomes the error type of the protocol that its `code` (ECONNREFUSED) or
// its class (TypeError) is named like; a RangeError becomes ValueError, a name that cannot be
// resolved ResolutionError; any other is an InternalError. Built in are the ops of actor, script,
// event, time, data and memory, process.self, and a simple form of thread.start: a Worker, which
// runs the program anew and shares no object with the one that started it. There is no
// process.start: Node has no fork(2), so a new process would inherit nothing.
//
// Node 18 and later, Linux. The protocol itself: PROTOCOL.md.
import { appendFileSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, workerData } from "node:worker_threads";

const RAISED = -32000;
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const UNKNOWN_METHOD = -32601;
const BAD_PARAMS = -32602;

const byHand = (program, implementation) => `\
${program}: an adapter of assay for ${implementation}.

It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it something with
  assay call path/to/testee.toml OP '{"param": value}'
and run the whole spec with
  assay check path/to/testee.toml
where testee.toml names this program as its [adapter] command.
`;

/**
 * A condition that an op raises: one of the protocol's error types and what went wrong.
 * `position` belongs to PatternError and TemplateError, `status` to MessageError, `value` to
 * StopIteration.
 */
export class Raised extends Error {
  constructor(type, message = "", { position, status, value } = {}) {
    super(message);
    Object.assign(this, { type, position, status, value });
  }
}

class BadParams extends Error {}

// ---- values -------------------------------------------------------------------------------------

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  !(value instanceof Uint8Array);

/** Whether a JSON value stands for bytes. */
export const isBase64 = (value) =>
  isObject(value) && typeof value.base64 === "string" && Object.keys(value).length === 1;

/** The bytes that {"base64": text} stands for; RangeError when the text is no base64. */
export function fromBase64(value) {
  const bytes = Buffer.from(value.base64, "base64");
  if (bytes.toString("base64") !== value.base64) throw new RangeError("not base64");
  return bytes;
}

function encode(value) {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return `${value}`;
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (value instanceof Uint8Array) return `{"base64":"${Buffer.from(value).toString("base64")}"}`;
  if (isObject(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return `{${fields.map(([name, field]) => `${encode(name)}:${encode(field)}`).join(",")}}`;
  }
  throw new TypeError(`a reply may not hold ${String(value)} (${typeof value})`);
}

const isInteger = (value) => Number.isInteger(value) || typeof value === "bigint";

const SCALARS = {
  int: isInteger,
  number: (value) => isInteger(value) || Number.isFinite(value),
  bool: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  any: () => true,
  null: (value) => value === null,
  bytes: (value) => value instanceof Uint8Array || isBase64(value),
};

// The little type language of protocol.json: an expression becomes a predicate of a value.
class Types {
  #named;
  #made = new Map();

  constructor(named) {
    this.#named = named;
  }

  predicate(text) {
    const expression = text.trim();
    if (!this.#made.has(expression)) {
      // A named type may hold itself; until it is made, look it up at each call.
      this.#made.set(expression, (value) => this.#made.get(expression)(value));
      this.#made.set(expression, this.#make(expression));
    }
    return this.#made.get(expression);
  }

  #make(expression) {
    if (expression.includes("|")) {
      const either = expression.split("|").map((part) => this.predicate(part));
      return (value) => either.some((fits) => fits(value));
    }
    if (expression.endsWith("[]")) {
      const item = this.predicate(expression.slice(0, -2));
      return (value) => Array.isArray(value) && value.every((each) => item(each));
    }
    if (expression.endsWith("?")) {
      const inner = this.predicate(expression.slice(0, -1));
      return (value) => value === null || inner(value);
    }
    if (expression in SCALARS) return SCALARS[expression];
    const named = this.#named[expression];
    if (named === undefined) throw new Error(`protocol.json uses the unknown type ${expression}`);
    if (typeof named === "string") return this.predicate(named); // another name for a type
    const fields = new Map(Object.entries(named).map(([field, type]) =>
      [field.replace(/\?$/, ""), { fits: this.predicate(type), required: !field.endsWith("?") }]));
    return (value) => isObject(value) &&
      Object.entries(value).every(([name, field]) =>
        field === undefined || fields.get(name)?.fits(field)) &&
      [...fields].every(([name, { required }]) => !required || value[name] !== undefined);
  }
}

// One op of protocol.json: fills and checks params, checks the result.
class Op {
  constructor(name, description, types) {
    this.name = name;
    this.resultType = description.result;
    this.resultFits = types.predicate(description.result);
    this.params = Object.entries(description.params).map(([param, about]) =>
      ({ param, fits: types.predicate(about.type), ...about }));
  }

  // The handler's argument; BadParams says what does not fit.
  arguments(given) {
    if (!isObject(given)) throw new BadParams(`${this.name}: params must be an object`);
    const filled = {};
    for (const each of this.params) {
      const { param, type, fits } = each;
      if (Object.hasOwn(given, param)) {
        if (!fits(given[param])) throw new BadParams(`${this.name}: ${param} must be ${type}`);
        filled[param] = given[param];
      } else if ("default" in each) {
        filled[param] = structuredClone(each.default);
      } else {
        throw new BadParams(`${this.name}: ${param} is missing`);
      }
      if (/^bytes\??$/.test(type) && isBase64(filled[param])) {
        try {
          filled[param] = fromBase64(filled[param]);
        } catch (wrong) {
          throw new BadParams(`${this.name}: ${param} is ${wrong.message}`);
        }
      }
    }
    const extra = Object.keys(given).filter((param) => !Object.hasOwn(filled, param));
    if (extra.length > 0) throw new BadParams(`${this.name}: has no param ${extra.join(", ")}`);
    return filled;
  }
}

const errorReply = (id, code, message, data) =>
  ({ jsonrpc: "2.0", id, error: { code, message, data } });

// ---- built-in ops -------------------------------------------------------------------------------

const now = () => process.hrtime.bigint(); // CLOCK_MONOTONIC
const forEver = new Int32Array(new SharedArrayBuffer(4)); // never notified

/** Puts the calling thread to sleep in the kernel; nothing else runs on it. */
export function sleep(seconds) {
  const end = now() + BigInt(Math.ceil(Math.max(0, seconds) * 1e9));
  for (let left = end - now(); left > 0n; left = end - now()) {
    Atomics.wait(forEver, 0, 0, Math.ceil(Number(left) / 1e6));
  }
}

/** The thread's id in the kernel; Node's own threadId is another number. */
export const threadId = () => Number(basename(readlinkSync("/proc/thread-self")));

function compute(rounds) {
  let value = 1n;
  for (let i = 0; i < rounds; ++i) {
    value = BigInt.asUintN(64, value * 6364136223846793005n + 1442695040888963407n);
  }
  return value >> 2n;
}

function logEvent(value) {
  const event = { value, t_ns: now(), pid: process.pid, tid: threadId() };
  appendFileSync(join(process.env.ASSAY_SCRATCH ?? ".", "events"), `${encode(event)}\n`);
}

/** What one call of a function made of steps knows. */
export class Frame {
  last = null; // result of the last step, or what script.return gave

  constructor(given = []) {
    this.arguments = given;
  }

  argument(index) {
    if (!(index in this.arguments)) throw new Raised("ValueError", "no such argument");
    return this.arguments[index];
  }
}

const CONTROL_STEPS =
  ["script.argument", "script.return", "script.raise", "script.repeat", "script.try"];

/** A table of handlers and the loop that serves them. See the top of this file for an example. */
export class Adapter {
  /** The global variables that the ops `data.*` are about: those of the calling thread. */
  variables = new Map();
  #memory = new Map();
  #handlers = new Map();
  #ops = new Map();
  #errorTypes = {};
  #lineBytes = 0;
  #hello;
  #started = new Set(["main"]);
  #waitedFor = new Set(); // workers and processes that the program's end waits for
  #exitCode = null;
  #uncaught = null;

  /** `supports`: areas (`queue`), groups or slugs; a leading `-` takes one back out. */
  constructor(implementation, version, { language = "JavaScript", supports = [] } = {}) {
    this.#hello = { implementation: { name: implementation, version, language }, supports };
    const onlyInFunctions = () => {
      throw new Raised("ValueError", "this step stands in a function only");
    };
    for (const name of CONTROL_STEPS) this.op(name, onlyInFunctions);
    const variable = (name) => {
      if (!this.variables.has(name)) throw new Raised("KeyError", name);
      return this.variables.get(name);
    };
    this.op("actor.exit", ({ code }) => {
      if (code < 0 || code > 255) throw new BadParams("actor.exit: code must be 0 to 255");
      this.#exitCode = code;
    });
    this.op("actor.raise", ({ type, message }) => {
      this.#uncaught = this.exception(type, message);
    });
    this.op("thread.start", ({ actor, daemon }) => void this.startThread(actor, daemon));
    this.op("script.run", (params) => this.#runScript(params));
    this.op("script.call", (params) => this.function(params.steps)(...params.arguments));
    this.op("event.log", ({ value }) => logEvent(value));
    this.op("time.sleep", ({ seconds }) => sleep(seconds));
    this.op("time.compute", ({ rounds }) => compute(rounds));
    this.op("process.self", () => ({ pid: process.pid, ppid: process.ppid, tid: threadId() }));
    this.op("data.set", ({ name, value }) => void this.variables.set(name, value));
    this.op("data.get", ({ name }) => variable(name));
    this.op("data.append", ({ name, value }) => {
      if (!this.variables.has(name)) this.variables.set(name, []);
      variable(name).push(value);
    });
    this.op("data.add", ({ name, by }) => {
      this.variables.set(name, (this.variables.get(name) ?? 0) + by);
      return variable(name);
    });
    const block = (name, from, to) => {
      if (!this.#memory.has(name)) throw new Raised("NoSuchObject", name);
      if (!(0 <= from && from <= to && to <= this.#memory.get(name).length)) {
        throw new RangeError("outside of the memory");
      }
      return this.#memory.get(name);
    };
    this.op("memory.allocate", ({ name, bytes }) => {
      if (bytes <= 0) throw new RangeError("bytes must be positive");
      this.#memory.set(name, Buffer.alloc(bytes, 1));
    });
    this.op("memory.write", ({ name, offset, bytes, value }) =>
      void block(name, offset, offset + bytes).fill(value, offset, offset + bytes));
    this.op("memory.read", ({ name, offset }) => block(name, offset, offset + 1)[offset]);
  }

  /** The function performs the op of this name, in the place of any that did. */
  op(name, handler) {
    this.#handlers.set(name, handler);
    return this;
  }

  /** The op's function, to be called with an object of all its params. */
  handler(name) {
    return this.#handlers.get(name);
  }

  /**
   * Connects, says hello and serves requests until the actor's end: main, or the actor that
   * ASSAY_ACTOR names in a process that a handler has started.
   */
  run() {
    if (!process.env.ASSAY_SOCKET) {
      const program = basename(process.argv[1] ?? "adapter");
      process.stderr.write(byHand(program, this.#hello.implementation.name));
      process.exit(2);
    }
    this.#loadProtocol();
    this.#serve(isMainThread ? process.env.ASSAY_ACTOR ?? "main" : workerData.assayActor);
  }

  /** Takes the name for a new actor; ValueError when it was taken before. */
  takeName(actor) {
    if (actor === "" || this.#started.has(actor)) {
      throw new Raised("ValueError", `an actor named '${actor}' was started before`);
    }
    this.#started.add(actor);
  }

  /** The Worker that runs the program anew, as the named actor. */
  startThread(actor, daemon) {
    this.takeName(actor);
    const worker = new Worker(process.argv[1], {
      argv: process.argv.slice(2), name: actor, workerData: { assayActor: actor },
    });
    if (daemon) {
      worker.unref(); // Node ends without it
    } else {
      this.waitFor(worker);
    }
    return worker;
  }

  /** Lets the end of this program wait for a Worker or ChildProcess, as Node by itself does. */
  waitFor(unit) {
    this.#waitedFor.add(unit);
    unit.on("exit", () => this.#waitedFor.delete(unit));
  }

  // ---- functions made of steps ------------------------------------------------------------------

  /** An async function whose body performs the steps: see script.call in PROTOCOL.md. */
  function(steps) {
    return async (...given) => {
      const frame = new Frame(given);
      const running = this.steps(steps, frame, (step) => this.#awaiting(step, frame));
      let next = running.next();
      while (!next.done) {
        const settled = await next.value.then((value) => ({ value }), (raised) => ({ raised }));
        next = "raised" in settled ? running.throw(settled.raised) : running.next(settled.value);
      }
      return frame.last;
    };
  }

  *#awaiting(step, frame) {
    const result = this.performStep(step, frame);
    return result instanceof Promise ? yield result : result;
  }

  /**
   * Performs steps within a frame; true when script.return ended them. What is no control step is
   * performed by `perform(step)`, a generator function too, so that a body made of steps may yield.
   */
  *steps(steps, frame, perform) {
    for (const step of steps) {
      if (!CONTROL_STEPS.includes(step.op)) {
        frame.last = yield* perform(step);
        continue;
      }
      const params = this.stepParams(step, frame);
      if (step.op === "script.return") {
        frame.last = params.value;
        return true;
      }
      if (step.op === "script.raise") throw this.exception(params.type, params.message);
      if (step.op === "script.argument") {
        frame.last = frame.argument(params.index);
      } else if (step.op === "script.repeat") {
        for (let pass = 0; params.times === null || pass < params.times; ++pass) {
          if (yield* this.steps(params.steps, frame, perform)) return true;
        }
      } else if (yield* this.#try(params, frame, perform)) {
        return true;
      }
    }
    return false;
  }

  *#try(params, frame, perform) {
    let ended = false;
    try {
      try {
        ended = yield* this.steps(params.steps, frame, perform);
      } catch (raised) {
        const data = this.errorData(raised);
        if (data.type !== params.catch) throw raised;
        frame.last = data.message;
        ended = yield* this.steps(params.handler, frame, perform);
      }
    } finally {
      const value = frame.last;
      // As return in finally does, it takes the place of an exception.
      if (yield* this.steps(params.finally, frame, perform)) return true;
      frame.last = value;
    }
    return ended;
  }

  /** A step's params, complete and checked, with `use` filled in. */
  stepParams(step, frame) {
    const op = this.#ops.get(step.op);
    if (!op) throw new Raised("ValueError", `${step.op} cannot stand in a function`);
    const used = step.use === undefined ? {} : { [step.use]: frame.last };
    return op.arguments({ ...step.params, ...used });
  }

  /** Performs a single step that is no control step; its result, or a promise of it. */
  performStep(step, frame) {
    const handler = this.#handlerOfStep(step, "cannot stand in a function");
    return this.#perform(this.#ops.get(step.op), handler, this.stepParams(step, frame));
  }

  #handlerOfStep({ op }, complaint) {
    const handler = this.#handlers.get(op);
    if (!handler || op === "script.run" || op.startsWith("actor.")) {
      throw new Raised("ValueError", `${op} ${complaint}`);
    }
    return handler;
  }

  /** JavaScript's own exception of this name, else `Raised`. */
  exception(type, message = "") {
    const own = globalThis[type];
    return own?.prototype instanceof Error ? new own(message) : new Raised(type, message);
  }

  async #runScript({ steps, repeat, log }) {
    const plan = steps.map((step, index) => {
      const handler = this.#handlerOfStep(step, "cannot be in a script");
      if (step.use !== undefined) throw new BadParams(`step ${index}: use stands in functions`);
      const op = this.#ops.get(step.op);
      return { index, op, handler, params: op.arguments(step.params ?? {}) };
    });
    const events = [];
    const begin = now();
    for (let pass = 0; pass < repeat; ++pass) {
      for (const { index, op, handler, params } of plan) {
        if (!log) {
          try {
            const result = this.#perform(op, handler, params);
            if (result instanceof Promise) await result;
          } catch {
            // What is not logged raises unnoticed.
          }
          continue;
        }
        const event = { step: index, start_ns: now(), end_ns: 0n };
        try {
          const result = this.#perform(op, handler, params);
          event.result = result instanceof Promise ? await result : result;
          event.end_ns = now();
        } catch (raised) {
          event.end_ns = now();
          event.error = this.errorData(raised);
        }
        events.push(event);
      }
    }
    return { elapsed_ns: now() - begin, events };
  }

  // ---- the loop ---------------------------------------------------------------------------------

  #loadProtocol() {
    const beside = new URL("../../protocol.json", import.meta.url);
    const path = process.env.ASSAY_PROTOCOL ?? fileURLToPath(beside);
    const protocol = JSON.parse(readFileSync(path, "utf8"));
    this.#hello.protocol = protocol.protocol;
    this.#lineBytes = protocol.limits.line_bytes;
    this.#errorTypes = protocol.error_types;
    const types = new Types(protocol.types);
    for (const [name, description] of Object.entries(protocol.ops)) {
      this.#ops.set(name, new Op(name, description, types));
    }
    const unknown = [...this.#handlers.keys()].filter((name) => !this.#ops.has(name));
    if (unknown.length > 0) throw new Error(`the protocol has no op ${unknown.join(", ")}`);
  }

  #serve(actor) {
    const { protocol, implementation, supports } = this.#hello;
    const hello = { protocol, actor, pid: process.pid, tid: threadId() };
    if (actor === "main") Object.assign(hello, { implementation, supports });
    const connection = connect(process.env.ASSAY_SOCKET);
    const send = (message) => new Promise((sent) => connection.write(this.#line(message), sent));
    let connected = false;
    connection.on("connect", () => {
      connected = true;
      send({ jsonrpc: "2.0", method: "hello", params: hello });
    });
    connection.on("error", (wrong) => {
      if (connected) return; // its end follows
      process.stderr.write(`cannot connect to ${process.env.ASSAY_SOCKET}: ${wrong.message}\n`);
      process.exit(1);
    });
    connection.on("close", () => this.#end());

    const waiting = [];
    let parts = [];
    let isServing = false;
    const serve = async () => {
      isServing = true;
      while (waiting.length > 0) {
        await send(await this.#answer(waiting.shift()));
        if (this.#exitCode !== null || this.#uncaught !== null) {
          connection.destroy();
          return;
        }
      }
      isServing = false;
    };
    connection.on("data", (chunk) => {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        waiting.push(Buffer.concat([...parts, chunk.subarray(start, end)]));
        parts = [];
        start = end + 1;
      }
      parts.push(chunk.subarray(start));
      if (!isServing) serve();
    });
  }

  #end() {
    if (this.#uncaught !== null) throw this.#uncaught;
    process.exitCode = this.#exitCode ?? 0;
    // Sockets and timers that an adapter has left open must not hold it up.
    if (this.#waitedFor.size === 0) process.exit();
  }

  #line(message) {
    try {
      const line = `${encode(message)}\n`;
      if (Buffer.byteLength(line) > this.#lineBytes + 1) throw new RangeError("too long a reply");
      return line;
    } catch (wrong) { // a lone surrogate, not a number, a foreign object or a reply past the limit
      return this.#line(this.#failure(message.id, new Raised("InternalError", wrong.message)));
    }
  }

  async #answer(line) {
    let request;
    try {
      request = JSON.parse(line.toString());
    } catch (wrong) {
      return errorReply(null, PARSE_ERROR, `not JSON: ${wrong.message}`);
    }
    const id = request?.id ?? null;
    if (!isObject(request) || id === null || typeof request.method !== "string") {
      return errorReply(id, INVALID_REQUEST, "a request is an object with id and method");
    }
    const handler = this.#handlers.get(request.method);
    if (!handler) {
      return errorReply(id, UNKNOWN_METHOD, `this adapter has no op ${request.method}`);
    }
    try {
      const op = this.#ops.get(request.method);
      const result = await this.#perform(op, handler, op.arguments(request.params ?? {}));
      return { jsonrpc: "2.0", id, result };
    } catch (raised) {
      if (raised instanceof BadParams) return errorReply(id, BAD_PARAMS, raised.message);
      return this.#failure(id, raised);
    }
  }

  #perform(op, handler, params) {
    const checked = (result = null) => {
      if (op.resultFits(result)) return result;
      const text = String(JSON.stringify(result, (key, value) =>
        typeof value === "bigint" ? String(value) : value)).slice(0, 200);
      throw new Raised("InternalError", `${op.name} returned ${text}, not ${op.resultType}`);
    };
    const result = handler(params);
    return result instanceof Promise ? result.then(checked) : checked(result);
  }

  // ---- errors -----------------------------------------------------------------------------------

  #failure(id, raised) {
    const data = this.errorData(raised);
    return errorReply(id, RAISED, data.message, data);
  }

  /** What was thrown as the `data` of an error reply. */
  errorData(raised) {
    if (raised instanceof Raised) {
      const { type, message, position, status, value } = raised;
      if (type in this.#errorTypes) return { type, message, position, status, value };
      return { type: "InternalError", message: `${type} is no error type of the protocol` };
    }
    const message = String(raised?.message ?? raised);
    if (/^E(AI_|NOTFOUND$)/.test(raised?.code)) return { type: "ResolutionError", message };
    const type = [raised?.code, raised?.name, raised?.constructor?.name]
      .find((name) => name in this.#errorTypes);
    if (type) return { type, message };
    if (raised instanceof RangeError) return { type: "ValueError", message };
    console.error(raised);
    return { type: "InternalError", message: `${raised?.name}: ${message}` };
  }
}
