# Ops of the area queue: Thread::Queue, and Thread::SizedQueue where there is a limit. Both are for
# the threads of one process.
module QueueOps
  module_function

  def add_to(adapter)
    queues = {}
    named = ->(name) { queues[name] || raise(Assay::Raised.new("NoSuchObject", name)) }
    item_of = ->(item) { Assay.base64?(item) ? Assay.from_base64(item) : item }

    adapter.op("queue.open") do |queue:, maxsize:|
      unlimited = maxsize.is_a?(Integer) && maxsize <= 0
      queues[queue] = unlimited ? Thread::Queue.new : Thread::SizedQueue.new(maxsize)
      nil
    end
    put = lambda do |queue, item, block|
      limited = named.call(queue).is_a?(Thread::SizedQueue)
      named.call(queue).push(item_of.call(item), *(!block if limited))
      nil
    rescue ThreadError => e
      raise Assay::Raised.new("Full", e.message)
    end
    get = lambda do |queue, block|
      named.call(queue).pop(!block)
    rescue ThreadError => e
      raise Assay::Raised.new("Empty", e.message)
    end
    # Ruby 3.1 has no timeouts here: what is asked with one is taken out of testee.toml's supports.
    adapter.op("queue.put") { |queue:, item:, block:, **_| put.call(queue, item, block) }
    adapter.op("queue.put_nowait") { |queue:, item:| put.call(queue, item, false) }
    adapter.op("queue.get") { |queue:, block:, **_| get.call(queue, block) }
    adapter.op("queue.get_nowait") { |queue:| get.call(queue, false) }
    adapter.op("queue.qsize") { |queue:| named.call(queue).size }
    adapter.op("queue.empty") { |queue:| named.call(queue).empty? }
    adapter.op("queue.full") do |queue:|
      of = named.call(queue)
      of.is_a?(Thread::SizedQueue) && of.size >= of.max
    end
    adapter.op("queue.close") { |queue:| named.call(queue).close && nil }
  end
end
