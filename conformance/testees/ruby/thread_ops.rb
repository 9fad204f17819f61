# Ops of the area thread: Thread and Thread::Mutex as they are.
module ThreadOps
  module_function

  def add_to(adapter)
    threads = {}
    locks = {}
    thread = ->(name) { threads[name] || raise(Assay::Raised.new("NoSuchObject", name)) }
    find = ->(name) { locks[name] || raise(Assay::Raised.new("NoSuchObject", name)) }

    adapter.op("thread.start") do |actor:, **_|
      adapter.take_name(actor)
      threads[actor] = Thread.new { adapter.serve_as(actor) }
      threads[actor].name = actor
      nil
    end
    adapter.op("thread.join") do |actor:, timeout:|
      thread.call(actor).join(timeout) && nil
    end
    adapter.op("thread.state") do |actor:|
      { alive: thread.call(actor).alive?, name: thread.call(actor).name.to_s, daemon: true }
    end
    adapter.op("lock.open") { |lock:| (locks[lock] = Thread::Mutex.new) && nil }
    # A Mutex has no timeout.
    adapter.op("lock.acquire") { |lock:, **_| find.call(lock).lock && nil }
    adapter.op("lock.release") { |lock:| find.call(lock).unlock && nil }
    adapter.op("data.count") do |name:, times:, lock:|
      times.times do
        if lock
          find.call(lock).synchronize { adapter.variables[name] += 1 }
        else
          adapter.variables[name] += 1
        end
      end
      nil
    end
  end
end
