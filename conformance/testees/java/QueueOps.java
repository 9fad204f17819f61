import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Ops of the area queue: ArrayBlockingQueue, and LinkedBlockingQueue where no size is set. */
final class QueueOps {
  private static final Named<BlockingQueue<Object>> queues = new Named<>();

  private static BlockingQueue<Object> queue(AssaySdk.Params p) {
    return queues.get(p.text("queue"));
  }

  private static Object put(AssaySdk.Params p, boolean block) throws InterruptedException {
    try {
      return putItem(p, block);
    } catch (NullPointerException isNull) {
      throw new AssaySdk.Raised("TypeError", "null is no item");
    }
  }

  private static Object putItem(AssaySdk.Params p, boolean block) throws InterruptedException {
    Object item = p.get("item");
    Long timeout = block ? p.nanoseconds("timeout") : null;
    if (!block) {
      if (!queue(p).offer(item)) throw new AssaySdk.Raised("Full", "no room");
    } else if (timeout == null) {
      queue(p).put(item);
    } else if (!queue(p).offer(item, timeout, TimeUnit.NANOSECONDS)) {
      throw new AssaySdk.Raised("Full", "no room in time");
    }
    return null;
  }

  private static Object get(AssaySdk.Params p, boolean block) throws InterruptedException {
    Long timeout = block ? p.nanoseconds("timeout") : null;
    Object item = !block ? queue(p).poll()
        : timeout == null ? queue(p).take()
        : queue(p).poll(timeout, TimeUnit.NANOSECONDS);
    if (item == null) throw new AssaySdk.Raised("Empty", "nothing here");
    return item;
  }

  static void addTo(AssaySdk adapter) {
    adapter.op("queue.open", p -> {
      int size = p.integer("maxsize");
      return queues.set(p.text("queue"),
          size == 0 ? new LinkedBlockingQueue<>() : new ArrayBlockingQueue<>(size));
    });
    adapter.op("queue.put", p -> put(p, p.bool("block")));
    adapter.op("queue.get", p -> get(p, p.bool("block")));
    adapter.op("queue.put_nowait", p -> put(p, false));
    adapter.op("queue.get_nowait", p -> get(p, false));
    adapter.op("queue.qsize", p -> queue(p).size());
    adapter.op("queue.empty", p -> queue(p).isEmpty());
    adapter.op("queue.full", p -> queue(p).remainingCapacity() == 0);
  }
}
