// Ops of the area udp: dgram. It hands over what comes in events, which are kept here until the
// next receive asks.
import { createSocket } from "node:dgram";
import { EventEmitter, once } from "node:events";

import { Raised, fromBase64, isBase64 } from "../../sdk/javascript/assay_sdk.mjs";

const TYPES = { inet: "udp4", inet6: "udp6" };

// Node's own errors by the names that the protocol has for them.
const NAMES = {
  ERR_SOCKET_BAD_PORT: "OverflowError",
  ERR_SOCKET_DGRAM_NOT_RUNNING: "EBADF",
  ERR_SOCKET_ALREADY_BOUND: "EINVAL",
  ERR_ENCODING_INVALID_ENCODED_DATA: "DecodeError",
};

const sockets = new Map();

class Inbox extends EventEmitter {
  #kept = [];

  constructor(socket) {
    super();
    socket.on("message", (data, from) => this.keep({ data, address: [from.address, from.port] }));
    socket.on("error", (raised) => this.keep({ raised }));
  }

  keep(what) {
    this.#kept.push(what);
    this.emit("kept");
  }

  // A timer may fire up to a millisecond early, as it counts whole ones.
  async take(timeout) {
    if (this.#kept.length === 0) {
      const isLate = timeout === null ? undefined
        : AbortSignal.timeout(Math.ceil(Math.max(0, timeout) * 1000) + 1);
      await once(this, "kept", { signal: isLate }).catch((wrong) => {
        throw wrong.name === "AbortError" ? new Raised("TimedOut", "nothing came") : wrong;
      });
    }
    const { raised, ...datagram } = this.#kept.shift();
    if (raised) throw raised;
    return datagram;
  }
}

function open({ socket, family }) {
  if (!(family in TYPES)) throw new Raised("ValueError", `there is no family ${family}`);
  const made = createSocket(TYPES[family]);
  sockets.set(socket, { made, inbox: new Inbox(made) });
}

function named(socket) {
  if (!sockets.has(socket)) throw new Raised("NoSuchObject", `no socket ${socket} is open`);
  return sockets.get(socket);
}

// Calls a method that takes a callback, which may also throw, or emit the event error instead.
const finished = (socket, method, ...given) => new Promise((resolve, reject) => {
  socket.once("error", reject);
  const settle = (wrong, value) => {
    socket.off("error", reject);
    if (wrong) reject(wrong);
    else resolve(value);
  };
  try {
    socket[method](...given, settle);
  } catch (wrong) {
    settle(wrong);
  }
});

const payload = (data) => (isBase64(data) ? fromBase64(data) : data);

function address(socket) {
  const { address: host, port } = named(socket).made.address();
  return [host, port];
}

export function addTo(adapter) {
  const add = (op, handler) => adapter.op(`udp.${op}`, async (params) => {
    try {
      return await handler(params);
    } catch (wrong) {
      throw wrong.code in NAMES ? new Raised(NAMES[wrong.code], wrong.message) : wrong;
    }
  });
  add("open", open);
  add("bind", async ({ socket, host, port }) => {
    await finished(named(socket).made, "bind", { address: host || undefined, port });
  });
  add("connect", async ({ socket, host, port }) => {
    await finished(named(socket).made, "connect", port, host);
  });
  add("send_to", ({ socket, data, host, port }) =>
    finished(named(socket).made, "send", payload(data), port, host));
  add("send", ({ socket, data }) => finished(named(socket).made, "send", payload(data)));
  // There is no limit to give: a datagram comes whole.
  add("receive_from", ({ socket, timeout }) => named(socket).inbox.take(timeout));
  add("receive_text", async ({ socket, timeout }) => {
    const { data, address: from } = await named(socket).inbox.take(timeout);
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(data), address: from };
  });
  add("local_name", ({ socket }) => address(socket));
  add("close", ({ socket }) => void named(socket).made.close());
}
