import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Ops of the area tcp: SocketChannel and ServerSocketChannel, whose bind listens, too: tcp.bind
 * makes one, and tcp.listen finds it done, or binds it to a port that is free.
 */
final class TcpOps {
  private static final int PERIOD = 65521;

  /** Either of the two. */
  private static final class Open {
    final ProtocolFamily family;
    SocketChannel channel;
    ServerSocketChannel listener;
    Boolean reusesAddress; // set before there is a listener

    Open(ProtocolFamily family, SocketChannel channel) {
      this.family = family;
      this.channel = channel;
    }
  }

  private static final Named<Open> sockets = new Named<>();

  private static Open open(AssaySdk.Params p) {
    return sockets.get(p.text("socket"));
  }

  private static SocketChannel channel(AssaySdk.Params p) {
    return open(p).channel;
  }

  private static Object bind(Open socket, java.net.SocketAddress to) throws Exception {
    socket.channel.close();
    ServerSocketChannel listener = ServerSocketChannel.open(socket.family);
    try {
      if (socket.reusesAddress != null) {
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, socket.reusesAddress);
      }
      socket.listener = listener.bind(to);
    } catch (IOException refused) {
      listener.close();
      throw refused;
    }
    return null;
  }

  private static Object accept(AssaySdk.Params p) throws Exception {
    Open listening = open(p);
    listening.listener.socket().setSoTimeout(Addresses.milliseconds(p));
    Socket accepted = listening.listener.socket().accept();
    sockets.set(p.text("as"), new Open(listening.family, accepted.getChannel()));
    return Addresses.list(accepted.getRemoteSocketAddress());
  }

  private static Object connect(AssaySdk.Params p) throws Exception {
    if (p.isNull("timeout")) return channel(p).connect(Addresses.of(p));
    channel(p).socket().connect(Addresses.of(p), Addresses.milliseconds(p));
    return null;
  }

  private static int send(SocketChannel to, ByteBuffer data) throws Exception {
    int sent = to.write(data);
    if (sent == 0 && data.hasRemaining()) throw new AssaySdk.Raised("EAGAIN", "it would block");
    return sent;
  }

  private static Object sendAll(AssaySdk.Params p) throws Exception {
    ByteBuffer data = ByteBuffer.wrap(Addresses.payload(p));
    while (data.hasRemaining()) send(channel(p), data);
    return null;
  }

  /** A channel has no timeout, its Socket has. */
  private static byte[] receive(AssaySdk.Params p) throws Exception {
    byte[] data = new byte[p.integer("limit")];
    int count;
    if (!p.isNull("timeout") && channel(p).isBlocking() && channel(p).isOpen()) {
      Socket socket = channel(p).socket();
      socket.setSoTimeout(Addresses.milliseconds(p));
      count = socket.getInputStream().read(data);
    } else {
      count = channel(p).read(ByteBuffer.wrap(data));
      if (count == 0 && data.length > 0) throw new AssaySdk.Raised("EAGAIN", "it would block");
    }
    return Arrays.copyOf(data, Math.max(count, 0)); // -1 is the end
  }

  private static Object shutdown(AssaySdk.Params p) throws Exception {
    String how = p.text("how");
    if (!List.of("read", "write", "both").contains(how)) {
      throw new AssaySdk.Raised("ValueError", "a half is read or write");
    }
    if (!how.equals("write")) channel(p).shutdownInput();
    return how.equals("read") ? null : channel(p).shutdownOutput();
  }

  private static Object close(Open socket) throws Exception {
    socket.channel.close();
    if (socket.listener != null) socket.listener.close();
    return null;
  }

  private static Object poll(AssaySdk.Params p) throws Exception {
    SocketChannel channel = channel(p);
    boolean wasBlocking = channel.isBlocking();
    channel.configureBlocking(false);
    List<Object> ready = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      int wanted = (p.list("events").contains("read") ? SelectionKey.OP_READ : 0)
          | (p.list("events").contains("write") ? SelectionKey.OP_WRITE : 0);
      SelectionKey key = channel.register(selector, wanted);
      selector.select(Addresses.milliseconds(p));
      if (key.isReadable()) ready.add("read");
      if (key.isWritable()) ready.add("write");
    }
    channel.configureBlocking(wasBlocking);
    return ready;
  }

  private static byte[] stream() {
    byte[] stream = new byte[2 * PERIOD];
    for (int i = 0; i < stream.length; i++) {
      int place = i % PERIOD;
      stream[i] = (byte) (31 * place + place / 256);
    }
    return stream;
  }

  private static Object sendStream(AssaySdk.Params p) throws Exception {
    byte[] stream = stream();
    CRC32 sum = new CRC32();
    int sent = 0;
    while (sent < p.integer("bytes")) {
      int size = Math.min(Math.min(p.integer("piece"), p.integer("bytes") - sent), PERIOD);
      ByteBuffer part = ByteBuffer.wrap(stream, sent % PERIOD, size);
      while (part.hasRemaining()) channel(p).write(part);
      sum.update(stream, sent % PERIOD, size);
      sent += size;
    }
    return AssaySdk.map("bytes", sent, "crc32", sum.getValue());
  }

  private static Object receiveStream(AssaySdk.Params p) throws Exception {
    CRC32 sum = new CRC32();
    int count = 0;
    byte[] piece = new byte[p.integer("piece")];
    while (count < p.integer("limit")) {
      int most = Math.min(piece.length, p.integer("limit") - count);
      int size = channel(p).read(ByteBuffer.wrap(piece, 0, most));
      if (size < 0) break;
      sum.update(piece, 0, size);
      count += size;
    }
    return AssaySdk.map("bytes", count, "crc32", sum.getValue());
  }

  static void addTo(AssaySdk adapter) {
    adapter.op("tcp.open", p -> sockets.set(p.text("socket"),
        new Open(Addresses.family(p), SocketChannel.open(Addresses.family(p)))));
    adapter.op("tcp.bind", p -> bind(open(p), Addresses.of(p)));
    adapter.op("tcp.listen", p -> open(p).listener == null ? bind(open(p), null) : null);
    adapter.op("tcp.accept", TcpOps::accept);
    adapter.op("tcp.connect", TcpOps::connect);
    adapter.op("tcp.send", p -> send(channel(p), ByteBuffer.wrap(Addresses.payload(p))));
    adapter.op("tcp.send_all", TcpOps::sendAll);
    adapter.op("tcp.receive", TcpOps::receive);
    adapter.op("tcp.shutdown", TcpOps::shutdown);
    adapter.op("tcp.close", p -> close(open(p)));
    adapter.op("tcp.reset", p -> {
      channel(p).setOption(StandardSocketOptions.SO_LINGER, 0);
      return close(open(p));
    });
    adapter.op("tcp.set_blocking", p -> channel(p).configureBlocking(p.bool("blocking")));
    adapter.op("tcp.set_option", p -> {
      if (!p.text("name").equals("reuse_address")) {
        throw new AssaySdk.Raised("ValueError", "no such option");
      }
      return open(p).reusesAddress = p.integer("value") != 0;
    });
    adapter.op("tcp.local_name", p -> Addresses.list(
        open(p).listener == null ? channel(p).getLocalAddress()
            : open(p).listener.getLocalAddress()));
    adapter.op("tcp.peer_name", p -> Addresses.list(channel(p).getRemoteAddress()));
    adapter.op("tcp.poll", TcpOps::poll);
    adapter.op("tcp.send_stream", TcpOps::sendStream);
    adapter.op("tcp.receive_stream", TcpOps::receiveStream);
  }
}
