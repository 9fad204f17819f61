import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Ops of the area iterator: Iterable, Iterator and the for loop. The collection that grows is an
 * ArrayList, as a Java programmer would take one.
 */
final class IteratorOps {
  private static final Named<Object> objects = new Named<>();

  private static Object at(AssaySdk.Params p) {
    return objects.get(p.text("object"));
  }

  /** An Iterator that fails where it would end. */
  private static Iterator<Object> failing(Iterator<Object> items) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        if (!items.hasNext()) throw new IllegalArgumentException("the iterator fails");
        return true;
      }

      @Override
      public Object next() {
        return items.next();
      }
    };
  }

  private static Object make(AssaySdk.Params p) {
    List<Object> items = new ArrayList<>(p.list("items"));
    Object made = switch (p.text("kind")) {
      case "list", "own" -> items;
      case "self" -> items.iterator();
      case "failing" -> (Iterable<Object>) () -> failing(items.iterator());
      case "plain" -> new Object();
      default -> throw new AssaySdk.Raised("ValueError", "Java has nothing of that kind");
    };
    return objects.set(p.text("object"), made);
  }

  @SuppressWarnings("unchecked")
  private static Iterable<Object> iterable(Object made) {
    return (Iterable<Object>) made;
  }

  @SuppressWarnings("unchecked")
  private static Object next(AssaySdk.Params p) {
    return ((Iterator<Object>) at(p)).next();
  }

  @SuppressWarnings("unchecked")
  private static Object visit(AssaySdk.Params p) {
    List<Object> visited = new ArrayList<>();
    List<Object> added = p.list("add");
    for (Object each : iterable(at(p))) {
      visited.add(each);
      if (visited.size() <= added.size()) ((List<Object>) at(p)).add(added.get(visited.size() - 1));
      if (!p.isNull("limit") && visited.size() >= p.integer("limit")) break;
    }
    return visited;
  }

  private static Object visitPairs(AssaySdk.Params p) {
    List<Object> pairs = new ArrayList<>();
    for (Object first : iterable(at(p))) {
      for (Object second : iterable(at(p))) pairs.add(List.of(first, second));
    }
    return pairs;
  }

  @SuppressWarnings("unchecked")
  static void addTo(AssaySdk adapter) {
    adapter.op("iterator.make", IteratorOps::make);
    adapter.op("iterator.kind", p -> AssaySdk.map(
        "iterable", at(p) instanceof Iterable, "iterator", at(p) instanceof Iterator));
    adapter.op("iterator.iter", p -> objects.set(p.text("as"), iterable(at(p)).iterator()));
    adapter.op("iterator.is_same", p -> at(p) == objects.get(p.text("other")));
    adapter.op("iterator.next", IteratorOps::next);
    adapter.op("iterator.add", p -> ((List<Object>) at(p)).add(p.get("item")));
    adapter.op("iterator.for", IteratorOps::visit);
    adapter.op("iterator.for_pairs", IteratorOps::visitPairs);
  }
}
