import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Ops of the area regex: java.util.regex. Texts are UTF-16 there; the protocol counts code points.
 */
final class RegexOps {
  private static final Map<String, Pattern> compiled = new java.util.HashMap<>();

  private static int flags(AssaySdk.Params p) {
    String letters = p.text("flags");
    boolean isAscii = letters.indexOf('a') >= 0;
    int flags = isAscii ? 0 : Pattern.UNICODE_CHARACTER_CLASS;
    for (char each : letters.toCharArray()) {
      switch (each) {
        case 'a' -> { }
        case 'i' -> flags |= Pattern.CASE_INSENSITIVE | (isAscii ? 0 : Pattern.UNICODE_CASE);
        case 'm' -> flags |= Pattern.MULTILINE;
        case 's' -> flags |= Pattern.DOTALL;
        case 'x' -> flags |= Pattern.COMMENTS;
        default -> throw new AssaySdk.Raised("PatternError", "there is no flag " + each);
      }
    }
    return flags;
  }

  private static synchronized Pattern pattern(AssaySdk.Params p) {
    String text = p.text("pattern");
    String key = p.text("flags") + "/" + text;
    Pattern known = compiled.get(key);
    if (known != null) return known;
    try {
      known = Pattern.compile(text, flags(p));
    } catch (PatternSyntaxException wrong) {
      var error = new AssaySdk.Raised("PatternError", wrong.getDescription());
      int at = Math.min(wrong.getIndex(), text.length());
      throw at < 0 ? error : error.with("position", text.codePointCount(0, at));
    }
    compiled.put(key, known);
    return known;
  }

  /** Code points before places of a text, asked for from left to right but for groups. */
  private static final class Places {
    private final String text;
    private int unit;
    private int point;

    Places(String text) {
      this.text = text;
    }

    int at(int place) {
      if (place < unit) return point - text.codePointCount(place, unit);
      point += text.codePointCount(unit, place);
      unit = place;
      return point;
    }
  }

  private static Object describe(Matcher match, Places places, boolean withSpans) {
    List<Object> whole = List.of(places.at(match.start()), places.at(match.end()));
    List<Object> groups = new ArrayList<>();
    List<Object> spans = new ArrayList<>();
    for (int i = 1; i <= match.groupCount(); i++) {
      groups.add(match.group(i));
      boolean isSet = match.start(i) >= 0;
      spans.add(isSet ? List.of(places.at(match.start(i)), places.at(match.end(i))) : null);
    }
    return withSpans
        ? AssaySdk.map("span", whole, "groups", groups, "spans", spans)
        : AssaySdk.map("span", whole, "groups", groups);
  }

  private interface Find {
    boolean in(Matcher matcher);
  }

  private static AssaySdk.Handler finder(Find find) {
    return p -> {
      Matcher matcher = pattern(p).matcher(p.text("text"));
      if (!find.in(matcher)) return null;
      return describe(matcher, new Places(p.text("text")), p.bool("spans"));
    };
  }

  private static Object findall(AssaySdk.Params p) {
    List<Object> found = new ArrayList<>();
    for (Matcher m = pattern(p).matcher(p.text("text")); m.find(); ) {
      if (m.groupCount() < 2) {
        found.add(orEmpty(m.group(m.groupCount())));
        continue;
      }
      List<Object> groups = new ArrayList<>();
      for (int i = 1; i <= m.groupCount(); i++) groups.add(orEmpty(m.group(i)));
      found.add(groups);
    }
    return found;
  }

  private static Object finditer(AssaySdk.Params p) {
    List<Object> found = new ArrayList<>();
    Places places = new Places(p.text("text"));
    for (Matcher m = pattern(p).matcher(p.text("text")); m.find(); ) {
      found.add(describe(m, places, p.bool("spans")));
    }
    return found;
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /** The protocol's \1 and \g<1> as Java writes them: $1. */
  private static String template(String of) {
    Matcher reference = Pattern.compile("\\\\(?:g<(\\d+)>|([1-9]\\d?))").matcher(of);
    StringBuilder made = new StringBuilder();
    int done = 0;
    while (reference.find()) {
      made.append(literal(of.substring(done, reference.start())));
      made.append('$').append(orEmpty(reference.group(1))).append(orEmpty(reference.group(2)));
      done = reference.end();
    }
    return made.append(literal(of.substring(done))).toString();
  }

  /** A digit must not belong to the number before it, nor a dollar mean anything. */
  private static String literal(String text) {
    return text.replaceAll("[0-9$]", "\\\\$0");
  }

  private interface Replacement {
    String of(Matcher match);
  }

  /** As the documentation of appendReplacement shows. */
  private static Object substitute(AssaySdk.Params p, Replacement replacement) {
    Matcher matcher = pattern(p).matcher(p.text("text"));
    StringBuilder replaced = new StringBuilder();
    int count = 0;
    while ((p.integer("count") == 0 || count < p.integer("count")) && matcher.find()) {
      matcher.appendReplacement(replaced, replacement.of(matcher));
      count++;
    }
    return AssaySdk.map("text", matcher.appendTail(replaced).toString(), "count", count);
  }

  private static Object sub(AssaySdk.Params p) {
    String template = template(p.text("template"));
    try {
      return substitute(p, match -> template);
    } catch (IndexOutOfBoundsException | IllegalArgumentException wrong) {
      throw new AssaySdk.Raised("TemplateError", wrong.getMessage());
    }
  }

  private static Object subFunction(AssaySdk.Params p) {
    String text = p.text("text");
    Places places = new Places(text);
    Replacement function = switch (p.text("function")) {
      case "increment" -> m -> String.valueOf(Long.parseLong(m.group()) + 1);
      case "brackets" -> m -> "[" + m.group() + "]";
      case "span" -> m -> places.at(m.start()) + "-" + places.at(m.end());
      case "group1" -> m -> orEmpty(m.group(1));
      case "template" -> m -> "\\1";
      default -> throw new AssaySdk.Raised("ValueError", "no function has that name");
    };
    return substitute(p, m -> Matcher.quoteReplacement(function.of(m)));
  }

  private static Object split(AssaySdk.Params p) {
    int most = p.integer("maxsplit");
    return List.of(pattern(p).split(p.text("text"), most == 0 ? -1 : most + 1));
  }

  static void addTo(AssaySdk adapter) {
    adapter.op("regex.compile", p ->
        AssaySdk.map("groups", pattern(p).matcher("").groupCount(), "groupindex", Map.of()));
    adapter.op("regex.search", finder(Matcher::find));
    adapter.op("regex.match", finder(Matcher::lookingAt));
    adapter.op("regex.fullmatch", finder(Matcher::matches));
    adapter.op("regex.findall", RegexOps::findall);
    adapter.op("regex.finditer", RegexOps::finditer);
    adapter.op("regex.sub", RegexOps::sub);
    adapter.op("regex.sub_function", RegexOps::subFunction);
    adapter.op("regex.split", RegexOps::split);
  }
}
