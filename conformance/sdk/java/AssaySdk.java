import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an adapter in Java needs to be checked by assay: one file, and Gson for its JSON.
 *
 * <p>An adapter is a program that performs ops (queue.put, regex.search) when assay asks:
 *
 * <pre>
 * public class Adapter {
 *   public static void main(String[] arguments) throws Exception {
 *     var adapter = new AssaySdk("my queue", "1.0", List.of("queue.put", "queue.get"));
 *     var queues = new HashMap&lt;String, MyQueue>();
 *     adapter.op("queue.open", p -> queues.put(p.text("queue"), new MyQueue(p.get("maxsize"))));
 *     adapter.op("queue.get_nowait", p -> {
 *       MyQueue queue = queues.get(p.text("queue"));
 *       if (queue == null) throw new AssaySdk.Raised("NoSuchObject", p.text("queue"));
 *       return queue.tryGet();
 *     });
 *     adapter.run();
 *   }
 * }
 * </pre>
 *
 * <p>Values are null, Boolean, Long, Double, String, List and Map; byte[] anywhere in a result is
 * sent as {"base64": text}. Params are checked and have every default filled in. What a handler of
 * an op whose result is null returns is not looked at. A Raised is sent as it is; the exceptions of
 * the standard library that mean a condition of the protocol are in the table of
 * {@link #nameOf(Throwable)}; any other is an InternalError.
 *
 * <p>Built in are the ops of actor, script, event, time, data and memory, process.self, and
 * thread.start, which makes a Thread. There is no process.start: a Java program cannot fork.
 * Handlers are called by each actor's thread, at the same time where there are several.
 *
 * <p>Java 17 and later, Linux. The protocol itself: PROTOCOL.md.
 */
public final class AssaySdk {
  /** Performs an op. */
  public interface Handler {
    Object perform(Params params) throws Exception;
  }

  /** A condition that an op raises: one of the protocol's error types and what went wrong. */
  public static final class Raised extends RuntimeException {
    final String type;
    final Map<String, Object> more = new LinkedHashMap<>();

    public Raised(String type, String message) {
      super(message);
      this.type = type;
    }

    /** With position (PatternError, TemplateError), status (MessageError) or value. */
    public Raised with(String field, Object value) {
      more.put(field, value);
      return this;
    }
  }

  /** Params of an op, complete and checked. */
  public static final class Params {
    private final Map<String, Object> values;

    Params(Map<String, Object> values) {
      this.values = values;
    }

    public Object get(String name) {
      return values.get(name);
    }

    public boolean isNull(String name) {
      return get(name) == null;
    }

    public String text(String name) {
      return (String) get(name);
    }

    public int integer(String name) {
      return Math.toIntExact((Long) get(name));
    }

    public boolean bool(String name) {
      return (Boolean) get(name);
    }

    public byte[] bytes(String name) {
      return (byte[]) get(name);
    }

    @SuppressWarnings("unchecked")
    public List<Object> list(String name) {
      return (List<Object>) get(name);
    }

    /** Of a param that counts seconds; null for null. */
    public Long nanoseconds(String name) {
      Number seconds = (Number) get(name);
      return seconds == null ? null : (Long) (long) Math.ceil(seconds.doubleValue() * 1e9);
    }
  }

  private static final class BadParams extends RuntimeException {
    BadParams(String what) {
      super(what);
    }
  }

  private static final int RAISED = -32000;
  private static final int PARSE_ERROR = -32700;
  private static final int INVALID_REQUEST = -32600;
  private static final int UNKNOWN_METHOD = -32601;
  private static final int BAD_PARAMS = -32602;

  // ---- JSON ------------------------------------------------------------------------------------

  private static Object read(JsonReader in, int depth) throws IOException {
    if (depth == 0) throw new IOException("too deeply nested");
    switch (in.peek()) {
      case BEGIN_OBJECT:
        Map<String, Object> object = new LinkedHashMap<>();
        for (in.beginObject(); in.hasNext(); ) object.put(in.nextName(), read(in, depth - 1));
        in.endObject();
        return object;
      case BEGIN_ARRAY:
        List<Object> list = new ArrayList<>();
        for (in.beginArray(); in.hasNext(); ) list.add(read(in, depth - 1));
        in.endArray();
        return list;
      case STRING:
        return in.nextString();
      case NUMBER:
        return number(in.nextString());
      case BOOLEAN:
        return in.nextBoolean();
      default:
        in.nextNull();
        return null;
    }
  }

  private static Object number(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (".eE".indexOf(text.charAt(i)) >= 0) return Double.parseDouble(text);
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException tooLarge) {
      return Double.parseDouble(text);
    }
  }

  private static Object parse(byte[] text, int size) throws IOException {
    var bytes = new ByteArrayInputStream(text, 0, size);
    try (JsonReader in = new JsonReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))) {
      Object value = read(in, 128);
      if (in.peek() != JsonToken.END_DOCUMENT) throw new IOException("more than one JSON text");
      return value;
    }
  }

  private static void write(JsonWriter out, Object value) throws IOException {
    if (value == null) {
      out.nullValue();
    } else if (value instanceof Map<?, ?> map) {
      out.beginObject();
      for (var each : map.entrySet()) {
        out.name((String) each.getKey());
        write(out, each.getValue());
      }
      out.endObject();
    } else if (value instanceof List<?> list) {
      out.beginArray();
      for (Object each : list) write(out, each);
      out.endArray();
    } else if (value instanceof byte[] bytes) {
      out.beginObject().name("base64").value(Base64.getEncoder().encodeToString(bytes)).endObject();
    } else if (value instanceof Number number) {
      out.value(number);
    } else if (value instanceof Boolean bool) {
      out.value(bool);
    } else if (value instanceof String text) {
      out.value(text);
    } else {
      throw new IOException("a result may not hold " + value.getClass().getName());
    }
  }

  private static String json(Object value) throws IOException {
    StringWriter text = new StringWriter();
    JsonWriter out = new JsonWriter(text);
    out.setHtmlSafe(false);
    write(out, value);
    return text.toString();
  }

  /** The bytes that {"base64": text} stands for; null for any other value. */
  public static byte[] fromBase64(Object value) {
    if (!(value instanceof Map<?, ?> map) || map.size() != 1) return null;
    if (!(map.get("base64") instanceof String text)) return null;
    try {
      return text.length() % 4 == 0 ? Base64.getDecoder().decode(text) : null;
    } catch (IllegalArgumentException wrong) {
      return null;
    }
  }

  // ---- the type language of protocol.json ------------------------------------------------------

  private boolean fits(Object value, String type) {
    type = type.strip();
    int either = type.indexOf('|');
    if (either >= 0) {
      return fits(value, type.substring(0, either)) || fits(value, type.substring(either + 1));
    }
    if (type.endsWith("[]")) {
      if (!(value instanceof List<?> list)) return false;
      String item = type.substring(0, type.length() - 2);
      if (item.equals("any")) return true;
      for (Object each : list) if (!fits(each, item)) return false;
      return true;
    }
    if (type.endsWith("?")) {
      return value == null || fits(value, type.substring(0, type.length() - 1));
    }
    switch (type) {
      case "any":
        return true;
      case "null":
        return value == null;
      case "bool":
        return value instanceof Boolean;
      case "string":
        return value instanceof String;
      case "int":
        return value instanceof Long || value instanceof Integer;
      case "number":
        return value instanceof Number;
      case "bytes":
        return value instanceof byte[] || fromBase64(value) != null;
      default:
        Object named = types.get(type);
        return named instanceof String alias ? fits(value, alias) : fitsObject(value, named);
    }
  }

  private boolean fitsObject(Object value, Object fields) {
    if (!(value instanceof Map<?, ?> object)) return false;
    int found = 0;
    for (var field : ((Map<?, ?>) fields).entrySet()) {
      String name = (String) field.getKey();
      boolean isOptional = name.endsWith("?");
      if (isOptional) name = name.substring(0, name.length() - 1);
      if (!object.containsKey(name)) {
        if (!isOptional) return false;
        continue;
      }
      found++;
      if (!fits(object.get(name), (String) field.getValue())) return false;
    }
    return found == object.size();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  private Params complete(String op, Object given) {
    if (!(given instanceof Map)) throw new BadParams(op + ": params must be an object");
    Map<String, Object> object = object(given);
    Map<String, Object> filled = new HashMap<>();
    int found = 0;
    Map<String, Object> params = object(object(ops.get(op)).get("params"));
    for (var each : params.entrySet()) {
      String name = each.getKey();
      Map<String, Object> about = object(each.getValue());
      String type = (String) about.get("type");
      Object value = about.get("default");
      if (object.containsKey(name)) {
        value = object.get(name);
        found++;
        if (!fits(value, type)) throw new BadParams(op + ": " + name + " must be " + type);
      } else if (!about.containsKey("default")) {
        throw new BadParams(op + ": " + name + " is missing");
      }
      boolean isBytes = type.equals("bytes") || type.equals("bytes?") && value != null;
      filled.put(name, isBytes ? fromBase64(value) : value);
    }
    if (found != object.size()) {
      Set<String> unknown = new HashSet<>(object.keySet());
      unknown.removeAll(params.keySet());
      throw new BadParams(op + ": has no param " + String.join(", ", unknown));
    }
    return new Params(filled);
  }

  // ---- the adapter -----------------------------------------------------------------------------

  private final String implementation;
  private final String version;
  private final List<String> supports;
  private final Map<String, Handler> handlers = new HashMap<>();
  private final Set<String> started = new HashSet<>(Set.of("main"));
  private final Map<String, Object> variables = new HashMap<>();
  private final Map<String, byte[]> memory = new HashMap<>();
  private Map<String, Object> types;
  private Map<String, Object> ops;
  private Map<String, Object> errorTypes;
  private long protocolVersion;
  private int lineBytes;

  /** Supports: areas (queue), groups or requirements; a leading - takes one back out. */
  public AssaySdk(String implementation, String version, List<String> supports) {
    this.implementation = implementation;
    this.version = version;
    this.supports = supports;
    addScriptOps();
    addBuiltinOps();
  }

  /** Makes it the handler of the op of that name. */
  public void op(String name, Handler handler) {
    handlers.put(name, handler);
  }

  /** The op's handler, to be called with all of its params. */
  public Handler handler(String name) {
    return handlers.get(name);
  }

  /** Connects, says hello, serves requests. To be called in main, and the last thing there. */
  public void run() throws Exception {
    if (System.getenv("ASSAY_SOCKET") == null) {
      System.err.println("This is an adapter of assay for " + implementation + ".\n\n"
          + "It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it with\n"
          + "  assay call path/to/testee.toml OP '{\"param\": value}'\nand run the spec with\n"
          + "  assay check path/to/testee.toml\n"
          + "where testee.toml names this program as its [adapter] command.");
      System.exit(2);
    }
    byte[] text = Files.readAllBytes(Path.of(System.getenv("ASSAY_PROTOCOL")));
    Map<String, Object> protocol = object(parse(text, text.length));
    protocolVersion = (Long) protocol.get("protocol");
    lineBytes = ((Long) object(protocol.get("limits")).get("line_bytes")).intValue();
    errorTypes = object(protocol.get("error_types"));
    types = object(protocol.get("types"));
    ops = object(protocol.get("ops"));
    for (String name : handlers.keySet()) {
      if (!ops.containsKey(name)) throw new IllegalStateException("the protocol has no op " + name);
    }
    int code = serveAs("main");
    if (code != 0) System.exit(code); // else the process ends with its last thread
  }

  /** Takes the name for a new actor; a ValueError when it was taken before. */
  public void takeName(String actor) {
    synchronized (started) {
      if (actor.isEmpty() || !started.add(actor)) {
        throw new Raised("ValueError", "an actor named '" + actor + "' was started before");
      }
    }
  }

  /** "PID/task/TID" of the calling thread, as the kernel says. */
  private static String[] threadSelf() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self")).toString().split("/");
  }

  public static long processId() throws IOException {
    return Long.parseLong(threadSelf()[0]);
  }

  public static long threadId() throws IOException {
    return Long.parseLong(threadSelf()[2]);
  }

  /**
   * Serves as this actor in the calling thread, over a connection of its own. Returns the code that
   * actor.exit gave; throws what actor.raise asked for.
   */
  public int serveAs(String actor) throws IOException {
    var address = UnixDomainSocketAddress.of(System.getenv("ASSAY_SOCKET"));
    Session session = new Session(actor);
    try (SocketChannel connection = SocketChannel.open(address)) {
      session.serve(connection);
    } catch (IOException gone) {
      if (!session.isGreeted) throw gone;
    }
    if (session.uncaught != null) throw session.uncaught;
    if (!session.isOver && actor.equals("main")) System.exit(0); // assay hung up
    return session.exitCode;
  }

  private final class Session {
    final String actor;
    boolean isGreeted;
    boolean isOver;
    int exitCode;
    Raised uncaught;
    private byte[] line = new byte[1 << 16];
    private int size;

    Session(String actor) {
      this.actor = actor;
    }

    void serve(SocketChannel connection) throws IOException {
      Map<String, Object> hello = new LinkedHashMap<>();
      hello.put("protocol", protocolVersion);
      hello.put("actor", actor);
      hello.put("pid", processId());
      hello.put("tid", threadId());
      if (actor.equals("main")) {
        hello.put("implementation",
            Map.of("name", implementation, "version", version, "language", "Java"));
        hello.put("supports", supports);
      }
      send(connection, map("jsonrpc", "2.0", "method", "hello", "params", hello));
      isGreeted = true;
      ByteBuffer received = ByteBuffer.allocateDirect(1 << 16);
      while (!isOver && connection.read(received) >= 0) {
        received.flip();
        while (!isOver && received.hasRemaining()) take(connection, received);
        received.clear();
      }
    }

    /** Up to the end of a line, which is answered, or of what was received. */
    private void take(SocketChannel connection, ByteBuffer received) throws IOException {
      int end = received.position();
      while (end < received.limit() && received.get(end) != '\n') end++;
      int count = end - received.position();
      if (size + count > lineBytes) throw new IOException("a request is too long");
      if (size + count > line.length) line = Arrays.copyOf(line, Math.max(size + count, 2 * size));
      received.get(line, size, count);
      size += count;
      if (end == received.limit()) return;
      received.get();
      Map<String, Object> reply = answer(line, size);
      size = 0;
      send(connection, reply);
    }

    private void send(SocketChannel to, Map<String, Object> message) throws IOException {
      byte[] text;
      try {
        text = json(message).getBytes(StandardCharsets.UTF_8);
        if (text.length > lineBytes) throw new IOException("the reply is too long");
      } catch (IOException | IllegalArgumentException wrong) {
        Raised refused = new Raised("InternalError", wrong.getMessage());
        text = json(failure(message.get("id"), refused)).getBytes(StandardCharsets.UTF_8);
      }
      ByteBuffer all = ByteBuffer.allocate(text.length + 1).put(text).put((byte) '\n').flip();
      while (all.hasRemaining()) to.write(all);
    }

    private Map<String, Object> answer(byte[] text, int length) {
      Object id = null;
      Object request;
      try {
        request = parse(text, length);
      } catch (IOException | RuntimeException wrong) {
        return refusal(null, PARSE_ERROR, "not JSON: " + wrong.getMessage());
      }
      if (request instanceof Map) id = object(request).get("id");
      if (id == null || !(object(request).get("method") instanceof String name)) {
        return refusal(id, INVALID_REQUEST, "a request is an object with id and method");
      }
      Handler handler = handlers.get(name);
      if (name.equals("actor.exit")) handler = this::exit;
      if (name.equals("actor.raise")) handler = this::raise;
      if (handler == null) {
        return refusal(id, UNKNOWN_METHOD, "this adapter has no op " + name);
      }
      try {
        Object given = object(request).get("params");
        Params params = complete(name, given == null ? Map.of() : given);
        return map("jsonrpc", "2.0", "id", id, "result", perform(name, handler, params));
      } catch (BadParams wrong) {
        return refusal(id, BAD_PARAMS, wrong.getMessage());
      } catch (Throwable raised) {
        return failure(id, raised);
      }
    }

    private Object exit(Params p) {
      int code = p.integer("code");
      if (code < 0 || code > 255) throw new BadParams("actor.exit: code must be 0 to 255");
      isOver = true;
      exitCode = code;
      return null;
    }

    private Object raise(Params p) {
      isOver = true;
      uncaught = new Raised(p.text("type"), p.text("message"));
      return null;
    }
  }

  /** A map of names and values in turn, which may be null. */
  public static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> made = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      made.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return made;
  }

  private static Map<String, Object> refusal(Object id, int code, String message) {
    return map("jsonrpc", "2.0", "id", id, "error", map("code", code, "message", message));
  }

  private Map<String, Object> failure(Object id, Throwable raised) {
    Map<String, Object> data = errorData(raised);
    return map("jsonrpc", "2.0", "id", id,
        "error", map("code", RAISED, "message", data.get("message"), "data", data));
  }

  private Object perform(String op, Handler handler, Params params) throws Exception {
    Object result = handler.perform(params);
    String type = (String) object(ops.get(op)).get("result");
    if (type.equals("null")) return null;
    if (!fits(result, type)) {
      throw new IllegalStateException(op + " returned " + result + ", which is not " + type);
    }
    return result;
  }

  // ---- errors ----------------------------------------------------------------------------------

  /** Java tells which error of the system it was by its text alone. */
  private static final String[][] SYSTEM_ERRORS = {
    {"Address already in use", "EADDRINUSE"}, {"Cannot assign requested address", "EADDRNOTAVAIL"},
    {"Permission denied", "EACCES"}, {"Connection refused", "ECONNREFUSED"},
    {"Connection reset", "ECONNRESET"}, {"Broken pipe", "EPIPE"}, {"Message too long", "EMSGSIZE"},
    {"Invalid argument", "EINVAL"}, {"Can't send to port 0", "EINVAL"},
    {"Network is unreachable", "ENETUNREACH"},
    {"Operation not permitted", "EPERM"}, {"Socket closed", "EBADF"},
    {"Socket is closed", "EBADF"}, {"Socket is not connected", "ENOTCONN"},
  };

  /** The protocol's name for an exception of the standard library. */
  private static String nameOf(Throwable raised) {
    String message = String.valueOf(raised.getMessage());
    // By name: to look at a class would load it.
    switch (raised.getClass().getName()) {
      case "java.util.concurrent.TimeoutException":
      case "java.net.SocketTimeoutException":
        return "TimedOut";
      case "java.util.NoSuchElementException":
        return "StopIteration";
      case "java.lang.IllegalArgumentException":
        return "ValueError";
      case "java.lang.ClassCastException":
        return "TypeError";
      case "java.net.UnknownHostException":
      case "java.nio.channels.UnresolvedAddressException":
      case "java.nio.channels.UnsupportedAddressTypeException":
        return "ResolutionError";
      case "java.nio.charset.MalformedInputException":
        return "DecodeError";
      case "java.nio.channels.ClosedChannelException":
      case "java.nio.channels.AsynchronousCloseException":
        return "EBADF";
      case "java.nio.channels.NotYetConnectedException":
        return "ENOTCONN";
      case "java.nio.channels.AlreadyConnectedException":
        return "EISCONN";
      case "java.nio.channels.NotYetBoundException":
      case "java.nio.channels.AlreadyBoundException":
        return "EINVAL";
      case "java.net.PortUnreachableException":
        return "ECONNREFUSED";
      default:
        if (!(raised instanceof IOException)) return "InternalError";
        for (String[] each : SYSTEM_ERRORS) if (message.startsWith(each[0])) return each[1];
        return "InternalError";
    }
  }

  /** An exception as the data of an error reply. */
  public Map<String, Object> errorData(Throwable raised) {
    if (raised instanceof Raised known) {
      if (!errorTypes.containsKey(known.type)) {
        return map("type", "InternalError",
            "message", known.type + " is no error type of the protocol");
      }
      Map<String, Object> data = map("type", known.type, "message", known.getMessage());
      data.putAll(known.more);
      return data;
    }
    String name = nameOf(raised);
    if (!name.equals("InternalError")) {
      return map("type", name, "message", String.valueOf(raised.getMessage()));
    }
    if (!(raised instanceof StackOverflowError)) raised.printStackTrace();
    return map("type", name, "message", raised.toString());
  }

  // ---- scripts ---------------------------------------------------------------------------------

  private static final Set<String> CONTROL_STEPS = Set.of(
      "script.argument", "script.return", "script.raise", "script.repeat", "script.try");

  private static final class Frame {
    final List<Object> arguments;
    Object last; // result of the last step, or what script.return gave

    Frame(List<Object> arguments) {
      this.arguments = arguments;
    }
  }

  /** Performs a function whose body is these steps: see script.call in PROTOCOL.md. */
  public Object call(List<Object> steps, List<Object> arguments) throws Exception {
    Frame frame = new Frame(arguments);
    runSteps(steps, frame);
    return frame.last;
  }

  /** True when script.return ended them. */
  private boolean runSteps(List<Object> steps, Frame frame) throws Exception {
    for (Object each : steps) {
      Map<String, Object> step = object(each);
      String name = (String) step.get("op");
      Handler handler = handlers.get(name);
      if (handler == null || name.equals("script.run")) {
        throw new Raised("ValueError", name + " cannot stand in a function");
      }
      Params params = stepParams(step, frame);
      if (!CONTROL_STEPS.contains(name)) {
        frame.last = perform(name, handler, params);
      } else if (control(name, params, frame)) {
        return true;
      }
    }
    return false;
  }

  private boolean control(String name, Params params, Frame frame) throws Exception {
    switch (name) {
      case "script.return":
        frame.last = params.get("value");
        return true;
      case "script.raise":
        throw new Raised(params.text("type"), params.text("message"));
      case "script.argument":
        int index = params.integer("index");
        if (index < 0 || index >= frame.arguments.size()) {
          throw new Raised("ValueError", "no such argument");
        }
        frame.last = frame.arguments.get(index);
        return false;
      case "script.repeat":
        for (int i = 0; params.isNull("times") || i < params.integer("times"); i++) {
          if (runSteps(params.list("steps"), frame)) return true;
        }
        return false;
      default:
        return runTry(params, frame);
    }
  }

  private boolean runTry(Params params, Frame frame) throws Exception {
    boolean isOver;
    try {
      try {
        isOver = runSteps(params.list("steps"), frame);
      } catch (Exception raised) {
        Map<String, Object> data = errorData(raised);
        if (!data.get("type").equals(params.get("catch"))) throw raised;
        frame.last = data.get("message");
        isOver = runSteps(params.list("handler"), frame);
      }
    } catch (Exception raised) {
      if (runSteps(params.list("finally"), frame)) return true;
      throw raised;
    }
    Object value = frame.last;
    if (runSteps(params.list("finally"), frame)) return true;
    frame.last = value;
    return isOver;
  }

  private Params stepParams(Map<String, Object> step, Frame frame) {
    String name = (String) step.get("op");
    Object given = step.get("params");
    if (given != null && !(given instanceof Map)) {
      throw new BadParams(name + ": params must be an object");
    }
    Map<String, Object> params = new HashMap<>(given == null ? Map.of() : object(given));
    if (step.get("use") instanceof String use) params.put(use, frame.last);
    return complete(name, params);
  }

  private Object runScript(Params p) {
    List<Object> steps = p.list("steps");
    List<Params> plan = new ArrayList<>();
    for (Object each : steps) {
      Map<String, Object> step = object(each);
      String name = (String) step.get("op");
      if (!handlers.containsKey(name) || name.equals("script.run")) {
        throw new Raised("ValueError", name + " cannot be in a script");
      }
      if (step.containsKey("use")) throw new BadParams("use stands in functions: script.call");
      plan.add(stepParams(step, null));
    }
    List<Object> events = new ArrayList<>();
    boolean log = p.bool("log");
    long begin = System.nanoTime();
    for (int round = p.integer("repeat"); round > 0; round--) {
      for (int i = 0; i < plan.size(); i++) {
        String name = (String) object(steps.get(i)).get("op");
        if (!log) {
          try {
            perform(name, handlers.get(name), plan.get(i));
          } catch (Exception unnoticed) {
            // It is not logged.
          }
          continue;
        }
        Map<String, Object> event = map("step", i, "start_ns", System.nanoTime(), "end_ns", 0L);
        try {
          Object result = perform(name, handlers.get(name), plan.get(i));
          event.put("end_ns", System.nanoTime());
          event.put("result", result);
        } catch (Exception raised) {
          event.put("end_ns", System.nanoTime());
          event.put("error", errorData(raised));
        }
        events.add(event);
      }
    }
    return map("elapsed_ns", System.nanoTime() - begin, "events", events);
  }

  private void addScriptOps() {
    op("script.run", this::runScript);
    op("script.call", p -> call(p.list("steps"), p.list("arguments")));
    Handler refuse = p -> {
      throw new Raised("ValueError", "this step stands in a function only");
    };
    for (String name : CONTROL_STEPS) op(name, refuse);
  }

  // ---- built-in ops ----------------------------------------------------------------------------

  // System.nanoTime is CLOCK_MONOTONIC on Linux, which all processes of a machine share.
  private Object logEvent(Params p) throws IOException {
    String scratch = System.getenv("ASSAY_SCRATCH");
    String event = json(map("value", p.get("value"), "t_ns", System.nanoTime(),
        "pid", processId(), "tid", threadId()));
    return Files.writeString(Path.of(scratch == null ? "." : scratch, "events"), event + "\n",
        StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static Object compute(Params p) {
    long value = 1;
    for (int i = p.integer("rounds"); i > 0; i--) {
      value = value * 6364136223846793005L + 1442695040888963407L;
    }
    return value >>> 2;
  }

  private static Object sleep(Params p) throws InterruptedException {
    long left = p.nanoseconds("seconds");
    if (left > 0) Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    return null;
  }

  /** A thread that serves as this actor once it is started. */
  public Thread thread(String actor, boolean daemon) {
    takeName(actor);
    Thread thread = new Thread(() -> {
      try {
        serveAs(actor);
      } catch (IOException wrong) {
        throw new java.io.UncheckedIOException(wrong);
      }
    }, actor);
    thread.setDaemon(daemon);
    return thread;
  }

  private Object startThread(Params p) {
    thread(p.text("actor"), p.bool("daemon")).start();
    return null;
  }

  private void addBuiltinOps() {
    op("thread.start", this::startThread);
    op("event.log", this::logEvent);
    op("time.compute", AssaySdk::compute);
    op("time.sleep", AssaySdk::sleep);
    op("process.self", p -> {
      ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
      return map("pid", processId(), "ppid", parent.pid(), "tid", threadId());
    });
    op("data.set", p -> data("set", p));
    op("data.get", p -> data("get", p));
    op("data.append", p -> data("append", p));
    op("data.add", p -> data("add", p));
    op("memory.allocate", p -> {
      if (p.integer("bytes") <= 0) throw new Raised("ValueError", "bytes must be positive");
      byte[] block = new byte[p.integer("bytes")];
      Arrays.fill(block, (byte) 1);
      return memory.put(p.text("name"), block);
    });
    op("memory.write", p -> {
      int from = p.integer("offset");
      byte[] block = block(p, p.integer("bytes"));
      Arrays.fill(block, from, from + p.integer("bytes"), (byte) p.integer("value"));
      return null;
    });
    op("memory.read", p -> block(p, 1)[p.integer("offset")] & 0xff);
  }

  private Object data(String what, Params p) {
    synchronized (variables) {
      String name = p.text("name");
      Object value = variables.get(name);
      switch (what) {
        case "set":
          return variables.put(name, p.get("value"));
        case "get":
          if (!variables.containsKey(name)) throw new Raised("KeyError", name);
          return value;
        case "append":
          List<Object> longer = new ArrayList<>(value == null ? List.of() : (List<?>) value);
          longer.add(p.get("value"));
          return variables.put(name, longer);
        default:
          long sum = (value == null ? 0 : (Long) value) + p.integer("by");
          variables.put(name, sum);
          return sum;
      }
    }
  }

  private byte[] block(Params p, int size) {
    byte[] block = memory.get(p.text("name"));
    if (block == null) throw new Raised("NoSuchObject", p.text("name"));
    int offset = p.integer("offset");
    if (offset < 0 || size < 0 || offset > block.length || size > block.length - offset) {
      throw new Raised("ValueError", "outside of the memory");
    }
    return block;
  }
}
