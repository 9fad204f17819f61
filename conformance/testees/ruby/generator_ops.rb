# Ops of the areas generator and coroutine: Enumerators, whose blocks are made of steps, and Fibers.
module GeneratorOps
  # Performs steps; `give` yields a value to whoever resumes, and returns what is sent.
  class Body
    def initialize(adapter, steps, find)
      @adapter = adapter
      @steps = steps
      @find = find
    end

    def call(arguments, &give)
      frame = Assay::Frame.new(arguments)
      run(@steps, frame, give)
      frame.last
    end

    private

    # True when script.return ended them.
    def run(steps, frame, give)
      steps.any? do |step|
        case step["op"]
        when "generator.yield" then yield_value(step, frame, give)
        when "generator.delegate" then delegate(step, frame, give)
        when "script.repeat" then repeat(@adapter.step_params(step, frame), frame, give)
        when "script.try" then try(@adapter.step_params(step, frame), frame, give)
        else @adapter.run_steps([step], frame)
        end
      end
    end

    def yield_value(step, frame, give)
      frame.last = give.call(@adapter.step_params(step, frame)[:value])
      false
    end

    # As Ruby does it: `each` of the other, whose block yields on.
    def delegate(step, frame, give)
      frame.last = @find.call(@adapter.step_params(step, frame)[:generator]).each(&give)
      false
    end

    def repeat(params, frame, give)
      passes = params[:times] ? params[:times].times : loop
      passes.each { return true if run(params[:steps], frame, give) }
      false
    end

    def try(params, frame, give)
      begin
        ended = run(params[:steps], frame, give)
      rescue StandardError => e
        data = @adapter.error_data(e)
        raise if data[:type] != params[:catch]

        frame.last = data[:message]
        ended = run(params[:handler], frame, give)
      end
      value = frame.last
      ended
    ensure
      return true if run(params[:finally], frame, give)

      frame.last = value
    end
  end

  module_function

  def fib(count)
    Enumerator.new do |out|
      a, b = 0, 1
      count.times do
        out << a
        a, b = b, a + b
      end
    end
  end

  def add_to(adapter)
    generators = {}
    at = ->(name) { generators[name] || raise(Assay::Raised.new("NoSuchObject", name)) }

    adapter.op("generator.open") do |generator:, steps:, arguments:|
      body = Body.new(adapter, steps, at)
      generators[generator] = Enumerator.new do |out|
        body.call(arguments) { |value| out.yield(value) }
      end
      nil
    end
    adapter.op("generator.fib") { |generator:, count:| (generators[generator] = fib(count)) && nil }
    adapter.op("generator.expression") do |generator:, count:|
      (generators[generator] = (0...count).lazy.map { |x| x * 2 }) && nil
    end
    adapter.op("generator.next") { |generator:| at.call(generator).next }
    adapter.op("generator.send") do |generator:, value:|
      at.call(generator).feed(value)
      at.call(generator).next
    end
    adapter.op("generator.list") do |generator:, limit:|
      limit ? at.call(generator).first(limit) : at.call(generator).to_a
    end
    adapter.op("generator.kind") do |generator:|
      of = at.call(generator)
      { iterator: of.respond_to?(:next), is_its_own_iterator: of.each.equal?(of), function: false,
        generator_function: false, text: of.inspect.force_encoding("UTF-8") }
    end
    %w[generator.yield generator.delegate].each do |op|
      adapter.op(op) { |**_| raise ArgumentError, "this step stands in a generator's body only" }
    end
    add_coroutines(adapter, at)
  end

  def add_coroutines(adapter, at)
    adapter.op("coroutine.run") do |bodies:, rounds:|
      running = bodies.map do |steps|
        Fiber.new { Body.new(adapter, steps, at).call([]) { |value| Fiber.yield(value) } }
      end
      rounds.times do
        running.select! do |fiber|
          fiber.resume
          fiber.alive?
        end
      end
      nil
    end
    adapter.op("coroutine.switches") do |count:|
      ticks = Fiber.new { loop { Fiber.yield } }
      start = Assay.monotonic_ns
      count.times { ticks.resume }
      Assay.monotonic_ns - start
    end
  end
end
