import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** Ops of the area thread: Thread, ReentrantLock, and the Pipe of java.nio.channels. */
final class ThreadOps {
  private static final Named<Thread> threads = new Named<>();
  private static final Named<ReentrantLock> locks = new Named<>();
  private static final Named<Pipe> pipes = new Named<>();

  private static Object join(Thread thread, Long timeout) throws InterruptedException {
    if (timeout == null) {
      thread.join();
    } else if (timeout > 0) { // 0 is for ever
      thread.join(timeout / 1_000_000, (int) (timeout % 1_000_000));
    }
    return null;
  }

  private static Object acquire(ReentrantLock lock, Long timeout) throws Exception {
    if (timeout == null) {
      lock.lock();
    } else if (!lock.tryLock(timeout, TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("another has the lock");
    }
    return null;
  }

  private static Object release(ReentrantLock lock) {
    try {
      lock.unlock();
      return null;
    } catch (IllegalMonitorStateException notMine) {
      throw new AssaySdk.Raised("RuntimeError", "the lock is not this thread's");
    }
  }

  /** Read and written back: nothing but the lock keeps another from coming in between. */
  private static Object count(AssaySdk adapter, AssaySdk.Params p) throws Exception {
    ReentrantLock lock = p.isNull("lock") ? new ReentrantLock() : locks.get(p.text("lock"));
    Object name = p.get("name");
    for (int i = p.integer("times"); i > 0; i--) {
      lock.lock();
      try {
        long sum = (Long) adapter.call(step("data.get", "name", name), java.util.List.of()) + 1;
        adapter.call(step("data.set", "name", name, "value", sum), java.util.List.of());
      } finally {
        lock.unlock();
      }
    }
    return null;
  }

  private static java.util.List<Object> step(String op, Object... params) {
    return java.util.List.of(AssaySdk.map("op", op, "params", AssaySdk.map(params)));
  }

  static void addTo(AssaySdk adapter) {
    adapter.op("thread.start", p -> {
      Thread made = adapter.thread(p.text("actor"), p.bool("daemon"));
      threads.set(p.text("actor"), made).start();
      return null;
    });
    adapter.op("thread.join", p -> join(threads.get(p.text("actor")), p.nanoseconds("timeout")));
    adapter.op("thread.state", p -> {
      Thread of = threads.get(p.text("actor"));
      return AssaySdk.map("alive", of.isAlive(), "name", of.getName(), "daemon", of.isDaemon());
    });
    adapter.op("lock.open", p -> locks.set(p.text("lock"), new ReentrantLock()));
    adapter.op("lock.acquire", p -> acquire(locks.get(p.text("lock")), p.nanoseconds("timeout")));
    adapter.op("lock.release", p -> release(locks.get(p.text("lock"))));
    adapter.op("data.count", p -> count(adapter, p));
    adapter.op("pipe.open", p -> pipes.set(p.text("pipe"), Pipe.open()));
    adapter.op("pipe.write", p -> {
      ByteBuffer text = StandardCharsets.UTF_8.encode(p.text("text"));
      while (text.hasRemaining()) pipes.get(p.text("pipe")).sink().write(text);
      return null;
    });
    adapter.op("pipe.read", p -> {
      ByteBuffer text = ByteBuffer.allocate(65536);
      pipes.get(p.text("pipe")).source().read(text);
      return StandardCharsets.UTF_8.decode(text.flip()).toString();
    });
  }
}
