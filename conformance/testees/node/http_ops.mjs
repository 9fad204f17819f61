// Ops of the area http: Node's own server and client on a connection that is no socket, which
// http.Server's event connection and http.request's createConnection are documented to take.
import { createServer, request } from "node:http";
import { Duplex } from "node:stream";
import { setImmediate } from "node:timers/promises";

import { Raised } from "../../sdk/javascript/assay_sdk.mjs";

/** What the bytes arrive on, piece by piece; keeps what is written to it. */
class Wire extends Duplex {
  written = "";

  _read() {}

  _write(data, encoding, done) {
    this.written += data.toString("latin1");
    done();
  }

  setTimeout() {}

  setNoDelay() {}

  setKeepAlive() {}

  async carry(bytes, cuts, isEnd) {
    const edges = [0, ...cuts, bytes.length];
    for (let i = 1; i < edges.length; ++i) {
      if (edges[i] > edges[i - 1]) this.push(bytes.subarray(edges[i - 1], edges[i]));
    }
    if (isEnd) this.push(null);
    // What it comes to is said in events, some of which come a turn of the loop later.
    for (let turn = 0; turn < 4; ++turn) await setImmediate();
  }
}

function pairs(raw) {
  const fields = [];
  for (let i = 0; i < raw.length; i += 2) fields.push([raw[i], raw[i + 1]]);
  return fields;
}

// Gathers the body of a message, and calls back at its end.
function gather(message, done) {
  const parts = [];
  message.on("data", (part) => parts.push(part));
  message.on("end", () => {
    if (message.complete) done(Buffer.concat(parts));
  });
  message.on("error", () => {});
}

// What one try came to: a message, what raised, or nothing for lack of bytes.
async function tryRequest(bytes, cuts) {
  const wire = new Wire();
  let found = null;
  const take = (message, body) => {
    const { method, url: target, httpVersion, rawHeaders } = message;
    found ??= { method, target, version: `HTTP/${httpVersion}`, headers: pairs(rawHeaders), body };
  };
  const server = createServer((message) => gather(message, (body) => take(message, body)));
  server.on("connect", (message) => take(message, Buffer.alloc(0)));
  server.on("upgrade", (message) => take(message, Buffer.alloc(0)));
  server.emit("connection", wire);
  await wire.carry(bytes, cuts, false);
  wire.destroy();
  server.closeAllConnections();
  if (found) return { found };
  // The server has answered by itself what it refuses.
  const [, status] = wire.written.match(/^HTTP\/1\.1 ([45]\d\d)/) ?? [];
  if (status) return { raised: new Raised("MessageError", wire.written, { status: +status }) };
  if (wire.writableEnded) return { raised: new Raised("MessageError", "closed", { status: 400 }) };
  return {};
}

async function tryResponse(bytes, cuts, method, isEnd) {
  const wire = new Wire();
  const outcome = {};
  const sent = request({ method, host: "localhost", createConnection: () => wire });
  sent.on("response", (message) => gather(message, (body) => {
    const { statusCode: status, statusMessage: reason, httpVersion, rawHeaders } = message;
    const version = `HTTP/${httpVersion}`;
    outcome.found ??= { version, status, reason, headers: pairs(rawHeaders), body };
  }));
  sent.on("error", ({ code, message }) => {
    if (code?.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE") {
      outcome.raised = new Raised("MessageError", message);
    }
  });
  sent.end();
  await wire.carry(bytes, cuts, isEnd);
  wire.destroy();
  sent.destroy();
  return outcome;
}

// How many bytes the message takes up, which Node does not tell: the fewest that it is found in.
const known = new Map();

async function consumed(bytes, isFound) {
  const key = bytes.toString("latin1");
  if (!known.has(key)) {
    let [fewest, enough] = [0, bytes.length];
    while (fewest < enough) {
      const middle = Math.floor((fewest + enough) / 2);
      if (await isFound(bytes.subarray(0, middle))) enough = middle;
      else fewest = middle + 1;
    }
    known.set(key, enough);
  }
  return known.get(key);
}

export function addTo(adapter) {
  adapter.op("http.parse_request", async ({ bytes, cuts }) => {
    const { found, raised } = await tryRequest(bytes, cuts);
    if (raised) throw raised;
    if (!found) throw new Raised("Incomplete", "the bytes end before the request does");
    const size = await consumed(bytes, async (some) => (await tryRequest(some, [])).found);
    return { ...found, consumed: size };
  });
  adapter.op("http.parse_response", async ({ bytes, cuts, method, end }) => {
    const { found, raised } = await tryResponse(bytes, cuts, method, end);
    if (found === undefined && raised) throw raised;
    if (!found) throw new Raised("Incomplete", "the bytes end before the response does");
    const untilTheEnd = end && !(await tryResponse(bytes, [], method, false)).found;
    const size = untilTheEnd ? bytes.length : await consumed(
      bytes, async (some) => (await tryResponse(some, [], method, false)).found);
    return { ...found, consumed: size };
  });
}
