import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The adapter that sdk_test.py drives; wrong wherever an SDK must help. */
public class TestAdapter {
  private static final Map<String, Deque<Optional<Object>>> queues = new HashMap<>();

  private static Object put(AssaySdk.Params p) {
    Deque<Optional<Object>> queue = queues.get(p.text("queue"));
    if (queue == null) throw new AssaySdk.Raised("NoSuchObject", p.text("queue"));
    Object item = p.get("item");
    if ("defaults".equals(item)) {
      item = java.util.Arrays.asList(p.bool("block"), p.get("timeout"));
    }
    return queue.add(Optional.ofNullable(item));
  }

  private static Object parseRequest(AssaySdk.Params p) {
    byte[] data = p.bytes("bytes");
    if (new String(data).equals("bad")) {
      throw new AssaySdk.Raised("MessageError", "refused").with("status", 431);
    }
    byte[] reversed = new byte[data.length];
    for (int i = 0; i < data.length; i++) reversed[data.length - 1 - i] = data[i];
    return AssaySdk.map("method", "GET", "target", "/", "version", "HTTP/1.1",
        "headers", List.of(), "body", reversed, "consumed", data.length);
  }

  public static void main(String[] arguments) throws Exception {
    var adapter = new AssaySdk("test adapter", "1.2", List.of("queue", "-queue.close"));
    adapter.op("queue.open", p -> queues.put(p.text("queue"), new ArrayDeque<>()));
    adapter.op("queue.put", TestAdapter::put);
    adapter.op("queue.get_nowait", p -> {
      Optional<Object> item = queues.get(p.text("queue")).poll();
      if (item == null) throw new AssaySdk.Raised("Empty", "nothing here");
      return item.orElse(null);
    });
    adapter.op("queue.qsize", p ->
        p.text("queue").equals("wrong type") ? "three" : queues.get(p.text("queue")).size());
    adapter.op("queue.empty", p -> {
      throw new IllegalStateException("an accident");
    });
    adapter.op("queue.full", p -> {
      throw new AssaySdk.Raised("Overfull", "no such type");
    });
    adapter.op("regex.compile", p -> {
      throw new AssaySdk.Raised("PatternError", "what is this").with("position", 3);
    });
    adapter.op("http.parse_request", TestAdapter::parseRequest);
    adapter.run();
  }
}
