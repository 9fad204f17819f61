/** Java as a testee: java.util.regex, blocking queues, executors, threads, iterators, channels. */
public class Main {
  public static void main(String[] arguments) throws Exception {
    String version = System.getProperty("java.version");
    AssaySdk adapter = new AssaySdk("Java", version, Supports.ALL);
    RegexOps.addTo(adapter);
    QueueOps.addTo(adapter);
    PoolOps.addTo(adapter);
    ThreadOps.addTo(adapter);
    IteratorOps.addTo(adapter);
    UdpOps.addTo(adapter);
    TcpOps.addTo(adapter);
    adapter.run();
  }
}
