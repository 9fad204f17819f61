// The adapter that sdk_test.py drives; wrong wherever an SDK must help.
import { Adapter, Raised } from "./assay_sdk.mjs";

const adapter = new Adapter("test adapter", "1.2", { supports: ["queue", "-queue.close"] });
const queues = new Map();

adapter.op("queue.open", ({ queue }) => void queues.set(queue, []));
adapter.op("queue.put", async ({ queue, item, block, timeout }) => {
  if (!queues.has(queue)) throw new Raised("NoSuchObject", queue);
  queues.get(queue).push(item === "defaults" ? [block, timeout] : item);
});
adapter.op("queue.get_nowait", ({ queue }) => {
  if (queues.get(queue).length === 0) throw new Raised("Empty", "nothing here");
  return queues.get(queue).shift();
});
adapter.op("queue.qsize", ({ queue }) =>
  queue === "wrong type" ? "three" : queues.get(queue).length);
adapter.op("queue.empty", () => {
  throw new Error("an accident");
});
adapter.op("queue.full", async () => {
  throw new Raised("Overfull", "no such type");
});
adapter.op("regex.compile", () => {
  throw new Raised("PatternError", "what is this", { position: 3 });
});
adapter.op("http.parse_request", ({ bytes }) => {
  if (bytes.equals(Buffer.from("bad"))) {
    throw new Raised("MessageError", "refused", { status: 431 });
  }
  return { method: "GET", target: "/", version: "HTTP/1.1", headers: [],
           body: Buffer.from(bytes).reverse(), consumed: bytes.length };
});

adapter.run();
