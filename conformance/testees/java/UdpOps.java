import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Ops of the area udp: DatagramChannel, and its DatagramSocket for a receive with a timeout. */
final class UdpOps {
  private static final Named<DatagramChannel> channels = new Named<>();

  private static DatagramChannel channel(AssaySdk.Params p) {
    return channels.get(p.text("socket"));
  }

  private static DatagramPacket receive(AssaySdk.Params p, int limit) throws Exception {
    DatagramSocket socket = channel(p).socket();
    socket.setSoTimeout(Addresses.milliseconds(p));
    DatagramPacket packet = new DatagramPacket(new byte[limit], limit);
    socket.receive(packet);
    return packet;
  }

  private static byte[] data(DatagramPacket packet) {
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  static void addTo(AssaySdk adapter) {
    adapter.op("udp.open", p ->
        channels.set(p.text("socket"), DatagramChannel.open(Addresses.family(p))));
    adapter.op("udp.bind", p -> channel(p).bind(Addresses.of(p)));
    adapter.op("udp.connect", p -> channel(p).connect(Addresses.of(p)));
    adapter.op("udp.send_to", p ->
        channel(p).send(ByteBuffer.wrap(Addresses.payload(p)), Addresses.of(p)));
    adapter.op("udp.send", p -> channel(p).write(ByteBuffer.wrap(Addresses.payload(p))));
    adapter.op("udp.receive_from", p -> {
      DatagramPacket packet = receive(p, p.integer("limit"));
      return AssaySdk.map(
          "data", data(packet), "address", Addresses.list(packet.getSocketAddress()));
    });
    adapter.op("udp.receive_text", p -> {
      DatagramPacket packet = receive(p, 65535);
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data(packet)));
      return AssaySdk.map(
          "text", text.toString(), "address", Addresses.list(packet.getSocketAddress()));
    });
    adapter.op("udp.local_name", p -> Addresses.list(channel(p).getLocalAddress()));
    adapter.op("udp.close", p -> {
      channel(p).close();
      return null;
    });
  }
}
