# Ops of the areas udp and tcp: Socket as it is. A timeout is that of IO#wait_readable or
# wait_writable around the call that does not block, because Ruby 3.1's sockets have none.
require "socket"
require "zlib"

module NetOps
  FAMILIES = { "inet" => Socket::AF_INET, "inet6" => Socket::AF_INET6 }.freeze
  HOW = { "read" => Socket::SHUT_RD, "write" => Socket::SHUT_WR,
          "both" => Socket::SHUT_RDWR }.freeze
  OPTIONS = { "reuse_address" => [:SOCKET, :REUSEADDR], "accepting" => [:SOCKET, :ACCEPTCONN],
              "send_buffer" => [:SOCKET, :SNDBUF], "receive_buffer" => [:SOCKET, :RCVBUF],
              "no_delay" => [:TCP, :NODELAY], "congestion" => [:TCP, :CONGESTION] }.freeze
  EVENTS = { "read" => IO::READABLE, "write" => IO::WRITABLE }.freeze
  PERIOD = 65_521
  STREAM = Array.new(PERIOD) { |p| (31 * p + p / 256) & 0xff }.pack("C*") * 2

  # Sockets by name, and those that may not block.
  class Sockets
    def initialize
      @open = {}
      @impatient = {}
    end

    def []=(name, socket)
      @open[name]&.close
      @impatient.delete(name)
      @open[name] = socket
    end

    def [](name)
      socket = @open[name] || raise(Assay::Raised.new("NoSuchObject", name))
      raise Errno::EBADF if socket.closed?

      socket
    end

    def close(name)
      (@open[name] || raise(Assay::Raised.new("NoSuchObject", name))).close
    end

    def impatient?(name)
      @impatient[name]
    end

    def impatient(name, yes)
      self[name]
      @impatient[name] = yes
    end

    # How many bytes went, of which there is room for one at least.
    def send_some(name, data, timeout)
      self[name].write_nonblock(data)
    rescue IO::WaitWritable
      raise if impatient?(name)

      retry if self[name].wait_writable(timeout)
      raise Assay::Raised.new("TimedOut", "there is no room")
    end

    # The call, or its form that does not block, where the socket may not or not for ever.
    def call(name, method, *arguments, timeout: nil)
      socket = self[name]
      return socket.public_send(method, *arguments) unless timeout || impatient?(name)

      begin
        socket.public_send("#{method}_nonblock", *arguments)
      rescue IO::WaitReadable, IO::WaitWritable => e
        raise if impatient?(name)

        wait = e.is_a?(IO::WaitReadable) ? :wait_readable : :wait_writable
        retry if socket.public_send(wait, timeout)
        raise Assay::Raised.new("TimedOut", "nothing came")
      end
    end
  end

  module_function

  def payload(data)
    data = Assay.from_base64(data) if Assay.base64?(data)
    raise TypeError, "what is sent is a string" unless data.is_a?(String)

    data
  end

  def known(table, name)
    table.fetch(name) { raise ArgumentError, "there is no #{name}" }
  end

  def address(host, port)
    raise TypeError, "a port is an integer" unless port.is_a?(Integer)
    raise RangeError, "a port has 16 bits" unless port.between?(0, 65_535)

    Socket.sockaddr_in(port, host)
  end

  def name_of(address)
    [address.ip_address.dup.force_encoding("UTF-8"), address.ip_port]
  end

  def add_to(adapter)
    @sockets = Sockets.new
    add_common(adapter, "udp", Socket::SOCK_DGRAM)
    add_common(adapter, "tcp", Socket::SOCK_STREAM)
    add_udp(adapter)
    add_tcp(adapter)
    add_streams(adapter)
    add_options(adapter)
  end

  def add_common(adapter, area, kind)
    adapter.op("#{area}.open") do |socket:, family:|
      (@sockets[socket] = Socket.new(known(FAMILIES, family), kind)) && nil
    end
    adapter.op("#{area}.bind") do |socket:, host:, port:|
      @sockets[socket].bind(address(host, port)) && nil
    end
    adapter.op("#{area}.local_name") { |socket:| name_of(@sockets[socket].local_address) }
    adapter.op("#{area}.close") { |socket:| @sockets.close(socket) }
    adapter.op("#{area}.connect") do |socket:, host:, port:, timeout: nil|
      if timeout
        connect_in_time(@sockets[socket], address(host, port), timeout)
      else
        @sockets[socket].connect(address(host, port))
      end
      nil
    end
  end

  def connect_in_time(socket, address, timeout)
    socket.connect_nonblock(address)
  rescue IO::WaitWritable
    raise Assay::Raised.new("TimedOut", "no answer came") unless socket.wait_writable(timeout)

    begin
      socket.connect_nonblock(address)
    rescue Errno::EISCONN
      nil # that is what was waited for
    end
  end

  def add_udp(adapter)
    adapter.op("udp.send_to") do |socket:, data:, host:, port:|
      @sockets[socket].send(payload(data), 0, address(host, port))
    end
    adapter.op("udp.send") { |socket:, data:| @sockets[socket].send(payload(data), 0) }
    adapter.op("udp.receive_from") do |socket:, limit:, timeout:|
      data, from = @sockets.call(socket, "recvfrom", limit, timeout: timeout)
      { data: data.b, address: name_of(from) }
    end
    adapter.op("udp.receive_text") do |socket:, timeout:|
      data, from = @sockets.call(socket, "recvfrom", 65_535, timeout: timeout)
      text = data.force_encoding("UTF-8")
      { text: text.encode("UTF-16").encode("UTF-8"), address: name_of(from) }
    end
    adapter.op("udp.listen") { |socket:| @sockets[socket].listen(5) && nil }
  end

  def add_tcp(adapter)
    adapter.op("tcp.listen") { |socket:, backlog:| @sockets[socket].listen(backlog) && nil }
    adapter.op("tcp.accept") do |socket:, timeout:, **names|
      made, from = @sockets.call(socket, "accept", timeout: timeout)
      @sockets[names[:as]] = made
      name_of(from)
    end
    adapter.op("tcp.send_all") do |socket:, data:, timeout:|
      data = payload(data)
      sent = 0
      sent += @sockets.send_some(socket, data.byteslice(sent..), timeout) while sent < data.bytesize
      nil
    end
    adapter.op("tcp.send") do |socket:, data:, timeout:|
      @sockets.send_some(socket, payload(data), timeout)
    end
    adapter.op("tcp.receive") do |socket:, limit:, timeout:|
      data = @sockets.call(socket, "recv", limit, timeout: timeout)
      (data || "").b
    end
    adapter.op("tcp.shutdown") { |socket:, how:| @sockets[socket].shutdown(known(HOW, how)) && nil }
    adapter.op("tcp.reset") do |socket:|
      @sockets[socket].setsockopt(Socket::Option.linger(true, 0))
      @sockets.close(socket)
    end
    adapter.op("tcp.set_blocking") do |socket:, blocking:|
      @sockets.impatient(socket, !blocking)
      nil
    end
    adapter.op("tcp.peer_name") { |socket:| name_of(@sockets[socket].remote_address) }
    adapter.op("tcp.fileno") { |socket:| @sockets[socket].fileno }
    adapter.op("tcp.poll") do |socket:, events:, timeout:|
      wanted = events.sum { |event| known(EVENTS, event) }
      ready = @sockets[socket].wait(wanted, timeout)
      ready ? EVENTS.select { |_, bit| ready.to_i.anybits?(bit) }.keys : []
    end
  end

  def add_streams(adapter)
    adapter.op("tcp.send_stream") do |socket:, bytes:, piece:|
      sent = 0
      crc = 0
      while sent < bytes
        start = sent % PERIOD
        part = STREAM[start, [piece, bytes - sent, PERIOD].min]
        @sockets[socket].write(part)
        crc = Zlib.crc32(part, crc)
        sent += part.bytesize
      end
      { bytes: sent, crc32: crc }
    end
    adapter.op("tcp.receive_stream") do |socket:, limit:, piece:|
      count = 0
      crc = 0
      while count < limit
        part = @sockets[socket].recv([piece, limit - count].min)
        break if part.nil? || part.empty?

        crc = Zlib.crc32(part, crc)
        count += part.bytesize
      end
      { bytes: count, crc32: crc }
    end
  end

  def add_options(adapter)
    adapter.op("tcp.set_option") do |socket:, name:, value:|
      level, option = known(OPTIONS, name)
      @sockets[socket].setsockopt(level, option, value) && nil
    end
    adapter.op("tcp.get_option") do |socket:, name:|
      level, option = known(OPTIONS, name)
      value = @sockets[socket].getsockopt(level, option)
      name == "congestion" ? value.unpack("Z*").first.force_encoding("UTF-8") : value.int
    end
  end
end
