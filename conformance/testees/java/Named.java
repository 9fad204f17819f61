import java.util.concurrent.ConcurrentHashMap;

/** Things by the names that ops give them. */
final class Named<T> {
  private final ConcurrentHashMap<String, T> known = new ConcurrentHashMap<>();

  T get(String name) {
    T found = known.get(name);
    if (found == null) throw new AssaySdk.Raised("NoSuchObject", name);
    return found;
  }

  T set(String name, T value) {
    known.put(name, value);
    return value;
  }
}
