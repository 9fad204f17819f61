# Ops of the area process: Process.fork, whose child is waited for by the thread that Process.detach
# makes; and pipes of IO.pipe.
module ProcessOps
  # A block to be forked, which Ruby needs no object for before it runs.
  Made = Struct.new(:args, :kwargs, :waiter)

  module_function

  def add_to(adapter)
    processes = {}
    own = [[], {}]
    named = ->(actor) { processes[actor] || raise(Assay::Raised.new("NoSuchObject", actor)) }

    adapter.op("process.create") do |actor:, args:, kwargs:, **_|
      adapter.take_name(actor)
      (processes[actor] = Made.new(args, kwargs)) && nil
    end
    adapter.op("process.start") do |actor:|
      unless processes.key?(actor)
        adapter.take_name(actor)
        processes[actor] = Made.new([], {})
      end
      of = processes[actor]
      of.waiter = Process.detach(fork do
        own = [of.args, of.kwargs]
        exit(adapter.serve_as(actor))
      end)
      nil
    end
    adapter.op("process.join") { |actor:, timeout:| named.call(actor).waiter.join(timeout) && nil }
    adapter.op("process.state") do |actor:|
      waiter = named.call(actor).waiter
      status = waiter.value unless waiter.alive?
      { pid: waiter.pid, alive: waiter.alive?, name: "", daemon: false,
        exit_code: status && (status.exitstatus || -status.termsig) }
    end
    { "process.terminate" => :TERM, "process.kill" => :KILL }.each do |op, signal|
      adapter.op(op) { |actor:| Process.kill(signal, named.call(actor).waiter.pid) && nil }
    end
    adapter.op("process.arguments") do |actor:|
      args, kwargs = actor ? [named.call(actor).args, named.call(actor).kwargs] : own
      { args: args, kwargs: kwargs }
    end
    adapter.op("process.append_to_argument") do |index:, value:|
      own[0].fetch(index).push(value) && nil
    end
    adapter.op("process.exit_now") { |code:| exit!(code) }
    add_pipes(adapter)
  end

  def add_pipes(adapter)
    pipes = {}
    find = ->(name) { pipes[name] || raise(Assay::Raised.new("NoSuchObject", name)) }
    adapter.op("pipe.open") { |pipe:| (pipes[pipe] = IO.pipe) && nil }
    adapter.op("pipe.write") { |pipe:, text:| find.call(pipe)[1].syswrite(text) && nil }
    adapter.op("pipe.read") do |pipe:|
      find.call(pipe)[0].readpartial(4096).force_encoding("UTF-8")
    rescue EOFError
      ""
    end
  end
end
