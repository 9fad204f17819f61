# What an adapter in Ruby needs to be checked by assay: one file, standard library only.
#
# An adapter is a program that performs ops (queue.put, regex.search) when assay asks:
#
#   require "assay_sdk"
#
#   adapter = Assay::Adapter.new("my queue", "1.0", supports: ["queue.size"])
#   queues = {}
#
#   adapter.op("queue.open") { |queue:, maxsize:| queues[queue] = MyQueue.new(maxsize); nil }
#   adapter.op("queue.qsize") do |queue:|
#     raise Assay::Raised.new("NoSuchObject", queue) unless queues.key?(queue)
#     queues[queue].length
#   end
#
#   adapter.run
#
# Handlers get the op's params as keyword arguments with every default filled in. Bytes are strings
# in the encoding BINARY: params of the type `bytes` arrive as such, and such strings anywhere in a
# result are sent as {"base64": text}. Assay::Raised becomes the error type that it names, an
# exception of Ruby's the one that ERROR_TYPES or its class's name gives, an Errno that of its
# number; any other is an InternalError. Built in are the ops of actor, script, event, time, data
# and memory, process.self, and simple forms of process.start (fork) and thread.start.
#
# Ruby 2.7 and later, Linux. The protocol itself: PROTOCOL.md.

require "json"
require "socket"
require "timeout"

module Assay
  RAISED = -32_000
  PARSE_ERROR = -32_700
  INVALID_REQUEST = -32_600
  UNKNOWN_METHOD = -32_601
  BAD_PARAMS = -32_602

  CONTROL_STEPS = %w[script.argument script.return script.raise script.repeat script.try].freeze

  # Where Ruby's name for a condition is another than the protocol's.
  ERROR_TYPES = {
    ArgumentError => "ValueError", ClosedQueueError => "Closed", FiberError => "RuntimeError",
    FloatDomainError => "ValueError", ThreadError => "RuntimeError",
    IndexError => "ValueError", RangeError => "OverflowError", RegexpError => "PatternError",
    SocketError => "ResolutionError", Timeout::Error => "TimedOut", EncodingError => "DecodeError"
  }.freeze

  BY_HAND = <<~TEXT
    %<program>s: an adapter of assay for %<implementation>s.

    It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it something with
      assay call path/to/testee.toml OP '{"param": value}'
    and run the whole spec with
      assay check path/to/testee.toml
    where testee.toml names this program as its [adapter] command.
  TEXT

  # A condition that an op raises: one of the protocol's error types and what went wrong.
  #
  # `position` belongs to PatternError and TemplateError, `status` to MessageError, `value` (an
  # array of one) to StopIteration.
  class Raised < StandardError
    attr_reader :error_type, :position, :status, :value

    def initialize(error_type, message = "", position: nil, status: nil, value: [])
      super(message)
      @error_type = error_type
      @position = position
      @status = status
      @value = value
    end
  end

  class BadParams < StandardError; end

  # Whether a JSON value stands for bytes.
  def self.base64?(value)
    value.is_a?(Hash) && value.size == 1 && value["base64"].is_a?(String)
  end

  # The bytes that {"base64": text} stands for; ArgumentError when the text is no base64.
  def self.from_base64(value)
    value["base64"].unpack1("m0")
  end

  def self.bytes?(value)
    value.is_a?(String) && value.encoding == Encoding::BINARY
  end

  # The value as JSON can hold it.
  def self.plain(value)
    case value
    when String then bytes?(value) ? { "base64" => [value].pack("m0") } : value
    when Array then value.map { |item| plain(item) }
    when Hash then value.transform_values { |item| plain(item) }
    else value
    end
  end

  def self.monotonic_ns
    Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  end

  def self.thread_id
    File.readlink("/proc/thread-self")[/\d+\z/].to_i
  end

  # The little type language of protocol.json: an expression becomes a predicate of a value.
  class Types
    SCALARS = {
      "int" => ->(value) { value.is_a?(Integer) },
      "number" => ->(value) { value.is_a?(Integer) || value.is_a?(Float) },
      "bool" => ->(value) { value == true || value == false },
      "string" => ->(value) { value.is_a?(String) && !Assay.bytes?(value) },
      "any" => ->(_) { true },
      "null" => ->(value) { value.nil? },
      "bytes" => ->(value) { Assay.bytes?(value) || Assay.base64?(value) }
    }.freeze

    def initialize(named)
      @named = named
      @made = {}
    end

    def predicate(expression)
      expression = expression.strip
      # A named type may hold itself; until it is made, look it up at each call.
      unless @made.key?(expression)
        @made[expression] = ->(value) { @made[expression].call(value) }
        @made[expression] = make(expression)
      end
      @made[expression]
    end

    private

    def make(expression)
      if expression.include?("|")
        either = expression.split("|").map { |part| predicate(part) }
        ->(value) { either.any? { |fits| fits.call(value) } }
      elsif expression.end_with?("[]")
        item = predicate(expression.delete_suffix("[]"))
        ->(value) { value.is_a?(Array) && value.all?(&item) }
      elsif expression.end_with?("?")
        inner = predicate(expression.delete_suffix("?"))
        ->(value) { value.nil? || inner.call(value) }
      else
        SCALARS[expression] || make_object(expression)
      end
    end

    def make_object(name)
      fields = @named.fetch(name)
      return predicate(fields) if fields.is_a?(String) # another name for a type

      required = fields.keys.reject { |field| field.end_with?("?") }
      checks = fields.to_h { |field, type| [field.delete_suffix("?"), predicate(type)] }
      lambda do |value|
        return false unless value.is_a?(Hash)

        value = value.transform_keys(&:to_s)
        value.all? { |field, item| checks[field]&.call(item) } &&
          required.all? { |field| value.key?(field) }
      end
    end
  end

  # One op of protocol.json: fills and checks params, checks the result.
  class Op
    attr_reader :name

    def initialize(name, description, types)
      @name = name
      @result_type = description["result"]
      @result_fits = types.predicate(@result_type)
      @params = description["params"].map do |param, about|
        [param, about["type"], types.predicate(about["type"]), about]
      end
      @known = @params.to_h { |param, *| [param, true] }
    end

    # Keyword arguments for the handler; BadParams says what does not fit.
    def arguments(given)
      raise BadParams, "#{@name}: params must be an object" unless given.is_a?(Hash)

      extra = given.keys.reject { |param| @known[param] }
      raise BadParams, "#{@name}: has no param #{extra.sort.join(', ')}" unless extra.empty?

      @params.to_h do |param, type, fits, about|
        value = given.fetch(param) do
          about.fetch("default") { raise BadParams, "#{@name}: #{param} is missing" }.dup
        end
        raise BadParams, "#{@name}: #{param} must be #{type}" unless fits.call(value)

        [param.to_sym, type.start_with?("bytes") ? bytes_of(param, value) : value]
      end
    end

    def check_result(result)
      return result if @result_fits.call(result)

      raise Raised.new("InternalError",
                       "#{@name} returned #{result.inspect[0, 200]}, which is not #{@result_type}")
    end

    private

    def bytes_of(param, value)
      Assay.base64?(value) ? Assay.from_base64(value) : value
    rescue ArgumentError
      raise BadParams, "#{@name}: #{param} is not base64"
    end
  end

  # What one call of a function made of steps knows. `last`: the result of its last step.
  Frame = Struct.new(:arguments, :last)

  # One connection and its actor. Used by the thread that made it.
  class Session
    attr_reader :actor, :connection
    attr_accessor :exit_code, :uncaught

    def initialize(actor)
      @actor = actor
      @connection = UNIXSocket.new(ENV.fetch("ASSAY_SOCKET"))
      @connection.sync = true
    end

    def over?
      !exit_code.nil? || !uncaught.nil?
    end
  end

  # A table of handlers and the loop that serves them. See the file's beginning for an example.
  class Adapter
    # The global variables that the ops data.* are about.
    attr_reader :variables

    # `supports`: areas (`queue`), groups or slugs; a leading `-` takes one back out.
    def initialize(implementation, version, language: "Ruby", supports: [])
      @implementation = { name: implementation, version: version, language: language }
      @supports = supports
      @handlers = {}
      @ops = {}
      @started = { "main" => true }
      @variables = {}
      @memory = {}
      CONTROL_STEPS.each { |name| op(name) { |**_| refuse("this step stands in a function only") } }
      add_actors
      add_world
      add_memory
    end

    # The block performs the op of this name.
    def op(name, &handler)
      @handlers[name] = handler
    end

    # Connects, says hello, serves requests, and ends the program.
    def run
      unless ENV.key?("ASSAY_SOCKET")
        $stderr.print(format(BY_HAND, program: File.basename($PROGRAM_NAME),
                                      implementation: @implementation[:name]))
        exit(2)
      end
      load_protocol
      exit(serve_as("main"))
    end

    # Takes the name for a new actor; ValueError when it was taken before.
    def take_name(actor)
      taken = actor.empty? || @started[actor]
      refuse("an actor named #{actor.inspect} was started before") if taken
      @started[actor] = true
    end

    # Serves as this actor on the calling thread, over a connection of its own: for what handlers of
    # process.start and thread.start have started. Returns the exit code that actor.exit gave, or 0
    # at the end of the connection; raises what actor.raise asked for.
    def serve_as(actor)
      session&.connection&.close # inherited by fork
      Thread.current.thread_variable_set(:assay, Session.new(actor))
      serve
      raise session.uncaught if session.uncaught

      session.exit_code || 0
    end

    # A lambda whose body performs the steps: see script.call in PROTOCOL.md.
    def function(steps)
      lambda do |*arguments|
        frame = Frame.new(arguments)
        run_steps(steps, frame)
        frame.last
      end
    end

    # Performs steps within a frame; true when script.return ended them.
    def run_steps(steps, frame)
      steps.any? do |step|
        CONTROL_STEPS.include?(step["op"]) ? control(step, frame) : plain_step(step, frame)
      end
    end

    # Performs a single step that is no control step, and returns its result.
    def run_step(step, frame)
      name = step["op"]
      unless @handlers.key?(name) && name != "script.run" && !name.start_with?("actor.")
        refuse("#{name} cannot stand in a function")
      end
      perform(name, step_params(step, frame))
    end

    # A step's params, complete and checked, with `use` filled in.
    def step_params(step, frame)
      params = step["params"] || {}
      params = params.merge(step["use"] => frame.last) if step.key?("use")
      (@ops[step["op"]] || refuse("#{step['op']} cannot stand in a function")).arguments(params)
    end

    # Ruby's own exception of this name, else Raised.
    def exception(type, message = "")
      return Errno.const_get(type).new(message) if Errno.const_defined?(type, false)

      own = Object.const_defined?(type) && Object.const_get(type)
      own.is_a?(Class) && own < StandardError ? own.new(message) : Raised.new(type, message)
    end

    # An exception as the `data` of an error reply.
    def error_data(raised)
      return raised_data(raised) if raised.is_a?(Raised)

      type = type_of(raised)
      if @error_types.key?(type)
        data = { type: type, message: text_of(raised) }
        if raised.is_a?(StopIteration) && raised.result
          data.merge!(message: "", value: raised.result)
        end
        return data
      end
      warn(raised.full_message(highlight: false))
      { type: "InternalError", message: "#{raised.class}: #{text_of(raised)}" }
    end

    private

    def refuse(message)
      raise Raised.new("ValueError", message)
    end

    def session
      Thread.current.thread_variable_get(:assay)
    end

    def load_protocol
      path = ENV["ASSAY_PROTOCOL"] || File.join(__dir__, "..", "..", "protocol.json")
      protocol = JSON.parse(File.read(path, encoding: "UTF-8"))
      @version = protocol["protocol"]
      @limits = protocol["limits"]
      @error_types = protocol["error_types"]
      types = Types.new(protocol["types"])
      @ops = protocol["ops"].to_h { |name, description| [name, Op.new(name, description, types)] }
      @errno_types = @error_types.keys.select { |type| Errno.const_defined?(type, false) }
                                 .to_h { |type| [Errno.const_get(type)::Errno, type] }
      unknown = @handlers.keys - @ops.keys
      abort("handlers for ops that the protocol lacks: #{unknown.join(', ')}") if unknown.any?
    end

    # -- the loop ----------------------------------------------------------------------------------

    def serve
      hello = { protocol: @version, actor: session.actor, pid: Process.pid, tid: Assay.thread_id }
      hello.merge!(implementation: @implementation, supports: @supports) if session.actor == "main"
      send_line({ jsonrpc: "2.0", method: "hello", params: hello })
      until session.over?
        line = session.connection.gets("\n", @limits["line_bytes"] + 1)
        break unless line
        abort("a request is longer than the limit") unless line.end_with?("\n")

        send_line(answer(line))
      end
    rescue Errno::EPIPE, Errno::ECONNRESET
      nil # assay has gone
    ensure
      session.connection.close
    end

    def send_line(message)
      line = JSON.generate(Assay.plain(message), max_nesting: @limits["nesting"])
      raise ArgumentError, "the reply is too long" if line.bytesize > @limits["line_bytes"]
    rescue JSON::JSONError, ArgumentError, EncodingError => e
      line = JSON.generate(failure(message[:id], Raised.new("InternalError", e.class.name)))
    ensure
      session.connection.write(line, "\n") if line
    end

    def answer(line)
      identity = nil
      request = JSON.parse(line.force_encoding("UTF-8"), max_nesting: @limits["nesting"])
      unless request.is_a?(Hash) && request["id"] && request["method"].is_a?(String)
        return error(request.is_a?(Hash) ? request["id"] : nil, INVALID_REQUEST,
                     "a request is an object with id and method")
      end
      identity = request["id"]
      name = request["method"]
      unless @handlers.key?(name)
        return error(identity, UNKNOWN_METHOD, "this adapter has no op #{name}")
      end
      arguments = @ops[name].arguments(request["params"] || {})
      { jsonrpc: "2.0", id: identity, result: perform(name, arguments) }
    rescue JSON::ParserError => e
      error(nil, PARSE_ERROR, "not JSON: #{e.class}")
    rescue BadParams => e
      error(identity, BAD_PARAMS, e.message)
    rescue StandardError, SystemStackError, NotImplementedError => e
      failure(identity, e)
    end

    def perform(name, arguments)
      @ops[name].check_result(@handlers[name].call(**arguments))
    end

    # -- errors ------------------------------------------------------------------------------------

    def error(identity, code, message, data = nil)
      { jsonrpc: "2.0", id: identity,
        error: { code: code, message: message, data: data }.reject { |_, value| value.nil? } }
    end

    def failure(identity, raised)
      data = error_data(raised)
      error(identity, RAISED, data[:message], data)
    end

    def raised_data(raised)
      unless @error_types.key?(raised.error_type)
        return { type: "InternalError",
                 message: "#{raised.error_type} is no error type of the protocol" }
      end
      data = { type: raised.error_type, message: text_of(raised) }
      data[:position] = raised.position if raised.position
      data[:status] = raised.status if raised.status
      data[:value] = raised.value.first unless raised.value.empty?
      data
    end

    # Messages of Ruby's own may be in any encoding.
    def text_of(raised)
      raised.message.dup.force_encoding("UTF-8").scrub
    end

    def type_of(raised)
      return @errno_types[raised.errno] if raised.is_a?(SystemCallError)
      return raised.class.name if @error_types.key?(raised.class.name)

      ERROR_TYPES.find { |kind, _| raised.is_a?(kind) }&.last || raised.class.superclass.name
    end

    # -- functions made of steps -------------------------------------------------------------------

    def plain_step(step, frame)
      frame.last = run_step(step, frame)
      false
    end

    def control(step, frame)
      params = step_params(step, frame)
      case step["op"]
      when "script.return"
        frame.last = params[:value]
        return true
      when "script.raise" then raise exception(params[:type], params[:message])
      when "script.argument"
        index = params[:index]
        refuse("no such argument") unless index.between?(0, frame.arguments.size - 1)
        frame.last = frame.arguments[index]
      when "script.repeat" then return repeat_steps(params[:steps], params[:times], frame)
      else return try_steps(params, frame)
      end
      false
    end

    def repeat_steps(steps, times, frame)
      (times ? times.times : loop).each { return true if run_steps(steps, frame) }
      false
    end

    def try_steps(params, frame)
      begin
        returned = run_steps(params[:steps], frame)
      rescue StandardError => e
        data = error_data(e)
        raise if data[:type] != params[:catch]

        frame.last = data[:message]
        returned = run_steps(params[:handler], frame)
      end
      value = frame.last
      returned
    ensure
      # A script.return among them makes the function forget what was raised, as Ruby's ensure does.
      return true if run_steps(params[:finally], frame)

      frame.last = value
    end

    # -- built-in ops ------------------------------------------------------------------------------

    def add_actors
      op("actor.exit") do |code:|
        raise BadParams, "actor.exit: code must be 0 to 255" unless code.between?(0, 255)

        session.exit_code = code
        nil
      end
      op("actor.raise") { |type:, message:| (session.uncaught = exception(type, message)) && nil }
      op("process.start") do |actor:|
        take_name(actor)
        Process.detach(fork { exit(serve_as(actor)) }) # its thread reaps the child
        nil
      end
      op("thread.start") do |actor:, **_|
        take_name(actor)
        Thread.new { serve_as(actor) }
        nil
      end
      op("script.run") { |steps:, repeat:, log:| run_script(steps, repeat, log) }
      op("script.call") { |steps:, arguments:| function(steps).call(*arguments) }
    end

    def add_world
      op("event.log") do |value:|
        event = { value: value, t_ns: Assay.monotonic_ns, pid: Process.pid, tid: Assay.thread_id }
        File.open(File.join(ENV.fetch("ASSAY_SCRATCH", "."), "events"),
                  File::WRONLY | File::APPEND | File::CREAT, 0o600) do |file|
          file.syswrite("#{JSON.generate(Assay.plain(event))}\n")
        end
        nil
      end
      op("time.sleep") { |seconds:| sleep([0, seconds].max) && nil }
      op("time.compute") do |rounds:|
        value = 1
        rounds.times do
          value = (value * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        end
        value >> 2
      end
      op("process.self") { { pid: Process.pid, ppid: Process.ppid, tid: Assay.thread_id } }
      op("data.set") { |name:, value:| (@variables[name] = value) && nil }
      op("data.get") { |name:| @variables.fetch(name) }
      op("data.append") { |name:, value:| ((@variables[name] ||= []) << value) && nil }
      op("data.add") { |name:, by:| @variables[name] = (@variables[name] || 0) + by }
    end

    def add_memory
      op("memory.allocate") do |name:, bytes:|
        refuse("bytes must be positive") unless bytes.positive?
        (@memory[name] = "\1".b * bytes) && nil
      end
      op("memory.write") do |name:, offset:, bytes:, value:|
        memory = block(name, offset, bytes)
        page = value.chr.b * 4096
        (0...bytes).step(page.size) do |done| # not at once: that would be as much memory again
          part = [page.size, bytes - done].min
          memory[offset + done, part] = page[0, part]
        end
        nil
      end
      op("memory.read") { |name:, offset:| block(name, offset, 1).getbyte(offset) }
    end

    def block(name, offset, bytes)
      block = @memory[name] || raise(Raised.new("NoSuchObject", name))
      inside = offset >= 0 && bytes >= 0 && offset + bytes <= block.bytesize
      inside ? block : refuse("outside of the memory")
    end

    def run_script(steps, repeat, log)
      plan = steps.each_with_index.map { |step, index| planned(step, index) }
      events = []
      start = Assay.monotonic_ns
      repeat.times { plan.each { |step| log ? run_logged(step, events) : run_alone(step) } }
      { elapsed_ns: Assay.monotonic_ns - start, events: events }
    end

    def planned(step, index)
      name = step["op"]
      if name == "script.run" || name.start_with?("actor.") || !@handlers.key?(name)
        refuse("step #{index}: #{name} cannot be in a script")
      end
      raise BadParams, "step #{index}: use stands in functions: script.call" if step.key?("use")

      [index, name, @ops[name].arguments(step["params"] || {})]
    end

    # What is not logged raises unnoticed.
    def run_alone((_, name, arguments))
      perform(name, arguments)
    rescue StandardError
      nil
    end

    def run_logged((index, name, arguments), events)
      event = { step: index, start_ns: Assay.monotonic_ns }
      begin
        event[:result] = perform(name, arguments)
        event[:end_ns] = Assay.monotonic_ns
      rescue StandardError => e
        event[:end_ns] = Assay.monotonic_ns
        event[:error] = error_data(e)
      end
      events << event
    end
  end
end
