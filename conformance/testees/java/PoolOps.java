import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ops of the area pool: the ThreadPoolExecutor of Executors.newFixedThreadPool. */
final class PoolOps {
  private static final Named<ThreadPoolExecutor> pools = new Named<>();
  private static final Named<Future<Object>> tasks = new Named<>();
  private static final Named<Results> streams = new Named<>();
  private static AssaySdk adapter;

  private static ThreadPoolExecutor pool(AssaySdk.Params p) {
    return pools.get(p.text("pool"));
  }

  private static Future<Object> task(AssaySdk.Params p) {
    return tasks.get(p.text("pool") + "/" + p.text("task"));
  }

  private static Callable<Object> body(AssaySdk.Params p, List<Object> arguments) {
    List<Object> steps = p.list("steps");
    return () -> adapter.call(steps, arguments);
  }

  private interface Use<T> {
    T of(ThreadPoolExecutor pool) throws Exception;
  }

  /** After shutdown a task is rejected, which the protocol calls a ValueError. */
  private static <T> T handIn(AssaySdk.Params p, Use<T> use) throws Exception {
    try {
      return use.of(pool(p));
    } catch (RejectedExecutionException closed) {
      throw new AssaySdk.Raised("ValueError", closed.getMessage());
    }
  }

  /** What a task raised stands within an ExecutionException. */
  private static Object valueOf(Future<Object> task, Long timeout) throws Exception {
    try {
      return timeout == null ? task.get() : task.get(timeout, TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof InterruptedException) {
        throw new AssaySdk.Raised("RemoteError", "the task was interrupted");
      }
      throw failed.getCause() instanceof Exception cause ? cause : failed;
    }
  }

  private static boolean await(Future<Object> task, Long timeout) throws Exception {
    try {
      valueOf(task, timeout);
    } catch (TimeoutException late) {
      return false;
    } catch (Exception raised) {
      return true;
    }
    return true;
  }

  private static Object successful(Future<Object> task) throws Exception {
    if (!task.isDone()) throw new AssaySdk.Raised("ValueError", "it is not done");
    try {
      task.get();
      return true;
    } catch (ExecutionException | CancellationException failed) {
      return false;
    }
  }

  private static Object all(AssaySdk.Params p, boolean spread) throws Exception {
    List<Callable<Object>> bodies = new ArrayList<>();
    for (Object item : p.list("items")) {
      bodies.add(body(p, spread ? new ArrayList<>((List<?>) item) : oneOf(item)));
    }
    List<Object> values = new ArrayList<>();
    for (var each : handIn(p, pool -> pool.invokeAll(bodies))) values.add(valueOf(each, null));
    return values;
  }

  private static List<Object> oneOf(Object item) {
    List<Object> one = new ArrayList<>();
    one.add(item);
    return one;
  }

  /** Results one by one: of futures in their order, or of a completion service as they come. */
  private static final class Results {
    private final List<Future<Object>> futures = new ArrayList<>();
    private final ExecutorCompletionService<Object> service;
    private int taken;

    Results(AssaySdk.Params p) {
      service = new ExecutorCompletionService<>(pool(p));
      for (Object item : p.list("items")) futures.add(service.submit(body(p, oneOf(item))));
      isOrdered = p.bool("ordered");
    }

    private final boolean isOrdered;

    Object next(Long timeout) throws Exception {
      if (taken == futures.size()) throw new AssaySdk.Raised("StopIteration", "");
      Future<Object> next = isOrdered ? futures.get(taken)
          : timeout == null ? service.take() : service.poll(timeout, TimeUnit.NANOSECONDS);
      if (next == null) throw new TimeoutException();
      Object value = valueOf(next, timeout);
      taken++;
      return value;
    }
  }

  static void addTo(AssaySdk to) {
    adapter = to;
    to.op("pool.open", p -> pools.set(p.text("pool"),
        (ThreadPoolExecutor) Executors.newFixedThreadPool(p.integer("size"))));
    to.op("pool.size", p -> pool(p).getMaximumPoolSize());
    to.op("pool.apply", p -> valueOf(
        handIn(p, pool -> pool.submit(body(p, p.list("arguments")))), null));
    to.op("pool.apply_async", p -> tasks.set(p.text("pool") + "/" + p.text("task"),
        handIn(p, pool -> pool.submit(body(p, p.list("arguments"))))));
    to.op("pool.ready", p -> task(p).isDone());
    to.op("pool.successful", p -> successful(task(p)));
    to.op("pool.wait", p -> await(task(p), p.nanoseconds("timeout")));
    to.op("pool.get", p -> valueOf(task(p), p.nanoseconds("timeout")));
    to.op("pool.map", p -> all(p, false));
    to.op("pool.starmap", p -> all(p, true));
    to.op("pool.imap", p ->
        streams.set(p.text("pool") + "/" + p.text("results"), handIn(p, pool -> new Results(p))));
    to.op("pool.next", p -> streams.get(p.text("pool") + "/" + p.text("results"))
        .next(p.nanoseconds("timeout")));
    to.op("pool.close", p -> {
      pool(p).shutdown();
      return null;
    });
    to.op("pool.terminate", p -> pool(p).shutdownNow());
    to.op("pool.join", p -> pool(p).awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS));
  }
}
