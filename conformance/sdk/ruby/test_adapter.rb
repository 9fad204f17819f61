# The adapter that sdk_test.py drives; wrong wherever an SDK must help.

require "assay_sdk"

adapter = Assay::Adapter.new("test adapter", "1.2", supports: ["queue", "-queue.close"])
queues = {}

adapter.op("queue.open") { |queue:, **_| (queues[queue] = []) && nil }
adapter.op("queue.put") do |queue:, item:, block:, timeout:|
  raise Assay::Raised.new("NoSuchObject", queue) unless queues.key?(queue)

  queues[queue] << (item == "defaults" ? [block, timeout] : item)
  nil
end
adapter.op("queue.get_nowait") do |queue:|
  raise Assay::Raised.new("Empty", "nothing here") if queues[queue].empty?

  queues[queue].shift
end
adapter.op("queue.qsize") { |queue:| queue == "wrong type" ? "three" : queues[queue].size }
adapter.op("queue.empty") { |**_| raise ZeroDivisionError, "an accident" }
adapter.op("queue.full") { |**_| raise Assay::Raised.new("Overfull", "no such type") }
adapter.op("regex.compile") do |**_|
  raise Assay::Raised.new("PatternError", "what is this", position: 3)
end
adapter.op("http.parse_request") do |bytes:, **_|
  raise Assay::Raised.new("MessageError", "refused", status: 431) if bytes == "bad".b

  { method: "GET", target: "/", version: "HTTP/1.1", headers: [], body: bytes.reverse,
    consumed: bytes.bytesize }
end

adapter.run
