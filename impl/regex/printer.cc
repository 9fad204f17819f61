#include "impl/regex/printer.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "impl/regex/charset.h"
#include "impl/regex/parser.h"
#include "impl/regex/regex.h"

namespace ref::detail {
namespace {

constexpr std::uint32_t pcre2_most = 65535;
constexpr std::uint32_t re2_most = 1000;

struct not_expressible {};

bool is_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string hex(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof text, "\\x{%x}", static_cast<unsigned>(c));
  return text;
}

std::string character(char32_t c) {
  const bool plain = is_letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '<' || c == '>' ||
                     c == '_' || c == '"' || c == '\'' || c == '/' || c == ':' || c == ',' ||
                     c == ';' || c == '%' || c == '@' || c == '!' || c == '=' || c == '`';
  return plain ? std::string(1, static_cast<char>(c)) : hex(c);
}

std::string listed(const ranges& list) {
  std::string out;
  for (auto [low, high] : list) {
    out += hex(low);
    if (high != low) out += "-" + hex(high);
  }
  return out;
}

bool has_capture(const node& tree) {
  if (tree.kind == node_kind::group && tree.index != 0) return true;
  for (const auto& child : tree.children) {
    if (has_capture(*child)) return true;
  }
  return false;
}

// Whether a node that may match nothing does so only after all else has been tried, as `a?b*` does,
// but not `a*|b`.
bool prefers_some(const node& tree) {
  const auto prefers = [](const auto& child) { return prefers_some(*child); };
  const auto takes_some = [](const auto& child) { return width_of(*child, {}).least > 0; };
  if (tree.kind == node_kind::repeat && tree.how == greed::lazy && tree.minimum != tree.maximum) {
    return false;
  }
  if (tree.kind == node_kind::alternation &&
      !std::all_of(tree.children.begin(), tree.children.end() - 1, takes_some)) {
    return false;
  }
  return std::all_of(tree.children.begin(), tree.children.end(), prefers);
}

// Both printers differ in few places; the tree is walked once for both.
class printer {
 public:
  enum class target { pcre2, re2 };
  printer(target engine, text_kind kind, const syntax_tree& tree)
      : engine_(engine), ascii_text_(kind == text_kind::ascii), widths_(tree.groups + 1) {
    survey(*tree.root);
  }

  std::string print(const node& tree) {
    switch (tree.kind) {
      case node_kind::literal:
        return cased(tree, literal(tree));
      case node_kind::any:
        return tree.flag ? "(?s:.)" : ".";
      case node_kind::set:
        return cased(tree, set(tree));
      case node_kind::at:
        return at(tree);
      case node_kind::sequence:
        return sequence(tree);
      case node_kind::alternation:
        return alternation(tree);
      case node_kind::group:
        return (tree.index != 0 ? "(" : "(?:") + remember(tree) + ")";
      case node_kind::repeat:
        return repeat(tree);
      case node_kind::reference:
        only_pcre2();
        return cased(tree, "\\g{" + std::to_string(tree.index) + "}");
      case node_kind::look:
        return look(tree);
      case node_kind::conditional:
        only_pcre2();
        return "(?(" + std::to_string(tree.index) + ")" + print(*tree.children[0]) +
               (tree.children.size() > 1 ? "|" + print(*tree.children[1]) : "") + ")";
      case node_kind::atomic:
        only_pcre2();
        return "(?>" + print(*tree.children[0]) + ")";
      case node_kind::nothing:
        return never();
    }
    return {};
  }

  bool caseless() const { return caseful_ == 0 && caseless_ > 0; }
  bool ucp() const { return !ascii_text_ && unicode_ > 0; }
  bool has_end_anchor() const { return has_end_anchor_; }
  bool has_no_boundary() const { return has_no_boundary_; }

 private:
  // Counts what decides the options of the whole pattern.
  void survey(const node& tree) {
    const bool has_case = tree.kind == node_kind::literal || tree.kind == node_kind::set ||
                          tree.kind == node_kind::reference;
    if (has_case) ++(folds(tree) ? caseless_ : caseful_);
    const bool has_class = tree.kind == node_kind::set || tree.kind == node_kind::at;
    if (has_class && !tree.ascii) ++unicode_;
    for (const auto& child : tree.children) survey(*child);
  }

  // Whether the engine folds case here. Under ASCII both cases are written out instead, because
  // the engines know only Unicode's case.
  bool folds(const node& tree) const {
    if (!tree.ignore_case) return false;
    return tree.kind == node_kind::reference || !tree.ascii;
  }

  std::string cased(const node& tree, const std::string& text) const {
    return folds(tree) && !caseless() ? "(?i:" + text + ")" : text;
  }

  void only_pcre2() const {
    if (engine_ == target::re2) throw not_expressible{};
  }

  std::string never() const { return engine_ == target::re2 ? "[^\\x{0}-\\x{10ffff}]" : "(?!)"; }

  std::string remember(const node& tree) {
    std::string text = print(*tree.children[0]);
    if (tree.index != 0) widths_[tree.index] = width_of(*tree.children[0], widths_);
    return text;
  }

  std::string literal(const node& tree) {
    const char32_t c = tree.code_point;
    if (tree.ignore_case && tree.ascii && is_letter(c)) {
      return "[" + character(c) + character(c ^ 0x20) + "]";
    }
    if (c >= 0xd800 && c <= 0xdfff) return never();
    if (!ascii_text_ || c <= 0x7f) return character(c);
    ranges part;
    add_ascii_part(part, c, c, folds(tree));
    return part.empty() ? never() : character(part.front().first);
  }

  void add_category(ranges& to, std::string& classes, char category, bool ascii) {
    const bool negated = category < 'a';
    const char name = static_cast<char>(negated ? category + 32 : category);
    if (name != 's' && !ascii && !ascii_text_) {
      if (engine_ == target::pcre2) {
        classes += {'\\', category};
      } else if (name == 'd') {
        classes += negated ? "\\P{Nd}" : "\\p{Nd}";
      } else if (!negated) {
        classes += "\\pL\\pN_";
      } else {
        throw not_expressible{};
      }
      return;
    }
    const ranges& base = name == 's'   ? space_ranges(ascii)
                         : name == 'd' ? ascii_digits()
                                       : ascii_word();
    // Categories are not folded: in ASCII text nothing of them lies beyond ASCII.
    for (auto [low, high] : negated ? complement(base) : base) {
      if (ascii_text_ && low > 0x7f) continue;
      to.emplace_back(low, ascii_text_ ? std::min<char32_t>(high, 0x7f) : high);
    }
  }

  std::string set(const node& tree) {
    ranges list;
    std::string classes;
    for (const auto& item : tree.items) {
      if (item.category != 0) {
        add_category(list, classes, item.category, tree.ascii);
      } else {
        list.emplace_back(item.low, item.high);
      }
    }
    if (tree.ignore_case && tree.ascii) list = with_ascii_cases(std::move(list));
    if (ascii_text_) {
      ranges part;
      for (auto [low, high] : list) add_ascii_part(part, low, high, folds(tree));
      list = std::move(part);
    }
    list = normalised(std::move(list));
    if (list.empty() && classes.empty()) return tree.flag ? "(?s:.)" : never();
    return (tree.flag ? "[^" : "[") + classes + listed(list) + "]";
  }

  std::string at(const node& tree) {
    const bool is_re2 = engine_ == target::re2;
    switch (tree.where) {
      case anchor::begin:
        return "\\A";
      case anchor::line_begin:
        return "(?m:^)";
      case anchor::end:
        has_end_anchor_ = true;
        return is_re2 ? "\\z" : "\\Z";
      case anchor::line_end:
        return "(?m:$)";
      case anchor::absolute_end:
        return "\\z";
      case anchor::boundary:
      case anchor::no_boundary:
        break;
    }
    const bool negated = tree.where == anchor::no_boundary;
    has_no_boundary_ = has_no_boundary_ || negated;
    // In Python, \B does not match in an empty text.
    if (negated && !is_re2) return "(?!\\A\\z)" + boundary(tree, negated, is_re2);
    return boundary(tree, negated, is_re2);
  }

  std::string boundary(const node& tree, bool negated, bool is_re2) const {
    // RE2 would find it inside a character too, between two bytes that belong to no word.
    if (is_re2 && negated && !ascii_text_) throw not_expressible{};
    if (ascii_text_ || (!ucp() && tree.ascii) || (is_re2 && tree.ascii)) {
      return negated ? "\\B" : "\\b";
    }
    if (is_re2) throw not_expressible{};
    if (!tree.ascii) return negated ? "\\B" : "\\b";
    const std::string word = "[" + listed(ascii_word()) + "]";
    const std::string both = "(?<=" + word + ")(?" + (negated ? "=" : "!") + word + ")";
    const std::string none = "(?<!" + word + ")(?" + (negated ? "!" : "=") + word + ")";
    return "(?:" + both + "|" + none + ")";
  }

  std::string sequence(const node& tree) {
    std::string out;
    for (const auto& child : tree.children) {
      const std::string text = print(*child);
      out += child->kind == node_kind::alternation ? "(?:" + text + ")" : text;
    }
    return out;
  }

  std::string alternation(const node& tree) {
    std::string out;
    for (const auto& child : tree.children) {
      if (&child != &tree.children.front()) out += '|';
      out += print(*child);
    }
    return out;
  }

  std::string repeat(const node& tree) {
    const node& child = *tree.children[0];
    const std::uint32_t most = engine_ == target::re2 ? re2_most : pcre2_most;
    if (tree.minimum > most || (tree.maximum != unlimited && tree.maximum > most)) {
      only_pcre2();
      throw limit_exceeded("a repetition of more than 65535 is not supported");
    }
    if (engine_ == target::re2) {
      if (tree.how == greed::possessive) throw not_expressible{};
      // Engines differ in what an iteration that matches nothing leaves behind; and RE2 goes on
      // behind one, where others are done.
      if (width_of(child, widths_).least == 0 &&
          (has_capture(child) || tree.how == greed::lazy || !prefers_some(child))) {
        throw not_expressible{};
      }
    }
    std::string out = print(child);
    // An assertion or another repetition cannot be repeated as it stands.
    const bool is_atom = child.kind == node_kind::group || child.kind == node_kind::literal ||
                         child.kind == node_kind::set || child.kind == node_kind::any ||
                         child.kind == node_kind::atomic;
    if (!is_atom || out == never()) out = "(?:" + out + ")";
    out += counts(tree);
    if (tree.how == greed::lazy) out += '?';
    if (tree.how == greed::possessive) out += '+';
    return out;
  }

  static std::string counts(const node& tree) {
    if (tree.maximum == unlimited && tree.minimum == 0) return "*";
    if (tree.maximum == unlimited && tree.minimum == 1) return "+";
    if (tree.minimum == 0 && tree.maximum == 1) return "?";
    std::string out = "{" + std::to_string(tree.minimum);
    if (tree.maximum == unlimited) return out + ",}";
    return out + "," + std::to_string(tree.maximum) + "}";
  }

  std::string look(const node& tree) {
    only_pcre2();
    const std::string inner = print(*tree.children[0]);
    if (tree.behind) {
      const width size = width_of(*tree.children[0], widths_);
      if (size.least != size.most) {
        throw pattern_error("look-behind requires fixed-width pattern", std::nullopt);
      }
    }
    return std::string("(?") + (tree.behind ? "<" : "") + (tree.flag ? "!" : "=") + inner + ")";
  }

  target engine_;
  bool ascii_text_;
  int caseless_ = 0;
  int caseful_ = 0;
  int unicode_ = 0;
  bool has_end_anchor_ = false;
  bool has_no_boundary_ = false;
  std::vector<width> widths_;
};

}  // namespace

pcre2_source to_pcre2(const syntax_tree& tree, text_kind kind) {
  printer out(printer::target::pcre2, kind, tree);
  pcre2_source source;
  source.pattern = out.print(*tree.root);
  source.caseless = out.caseless();
  source.ucp = out.ucp();
  return source;
}

std::optional<re2_source> to_re2(const syntax_tree& tree, text_kind kind) {
  try {
    printer out(printer::target::re2, kind, tree);
    re2_source source;
    source.pattern = out.print(*tree.root);
    if (out.caseless()) source.pattern = "(?i:" + source.pattern + ")";
    source.has_end_anchor = out.has_end_anchor();
    source.has_no_boundary = out.has_no_boundary();
    return source;
  } catch (const not_expressible&) {
    return std::nullopt;
  }
}

}  // namespace ref::detail
