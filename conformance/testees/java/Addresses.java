import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.util.List;

/** Addresses, families and timeouts, between the protocol's form and Java's. */
final class Addresses {
  static ProtocolFamily family(AssaySdk.Params p) {
    return switch (p.text("family")) {
      case "inet" -> StandardProtocolFamily.INET;
      case "inet6" -> StandardProtocolFamily.INET6;
      default -> throw new AssaySdk.Raised("ValueError", "there is no such family");
    };
  }

  /** An empty host is the wildcard. Of a port out of range Java says IllegalArgumentException. */
  static InetSocketAddress of(AssaySdk.Params p) {
    try {
      return p.text("host").isEmpty()
          ? new InetSocketAddress(p.integer("port"))
          : new InetSocketAddress(p.text("host"), p.integer("port"));
    } catch (IllegalArgumentException outOfRange) {
      throw new AssaySdk.Raised("OverflowError", outOfRange.getMessage());
    }
  }

  /** An IPv6 address has all of its zeros in Java's text. */
  static List<Object> list(SocketAddress address) {
    if (address == null) return List.of("0.0.0.0", 0);
    InetSocketAddress inet = (InetSocketAddress) address;
    String host = inet.getAddress().getHostAddress();
    if (inet.getAddress() instanceof Inet6Address) {
      host = host.replaceFirst("(^|:)0(:0)+(:|$)", "::");
    }
    return List.of(host, inet.getPort());
  }

  /** Milliseconds for setSoTimeout, where 0 is for ever. */
  static int milliseconds(AssaySdk.Params p) {
    Long timeout = p.nanoseconds("timeout");
    return timeout == null ? 0 : (int) Math.max(1, Math.ceil(timeout / 1e6));
  }

  static byte[] payload(AssaySdk.Params p) {
    return AssaySdk.fromBase64(p.get("data"));
  }
}
