#include "impl/regex/parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "impl/base/utf8.h"
#include "impl/regex/escapes.h"
#include "impl/regex/inline_flags.h"

namespace ref::detail {
namespace {

constexpr int deepest = 200;
constexpr std::uint64_t too_large = 0xffffffffu;

using node_pointer = std::unique_ptr<node>;

bool is_space(char32_t c) { return c == ' ' || (c >= 9 && c <= 13); }

class parser {
 public:
  parser(const std::u32string& pattern, regex_flags flags) : source_(pattern) {
    state_.flags = flags;
  }

  syntax_tree run() {
    syntax_tree tree;
    tree.root = parse_alternatives(has(state_.flags, regex_flags::verbose), 0);
    if (!source_.at_end()) source_.fail("unbalanced parenthesis");
    for (const auto& [group, position] : state_.conditions) {
      if (group >= state_.closed.size()) {
        throw syntax_error{"invalid group reference " + std::to_string(group), position};
      }
    }
    tree.groups = state_.closed.size() - 1;
    tree.groupindex = state_.names;
    return tree;
  }

 private:
  node_pointer make(node_kind kind) const { return make_node(state_, kind); }

  node_pointer make_literal(char32_t c) const {
    auto made = make(node_kind::literal);
    made->code_point = c;
    return made;
  }

  node_pointer make_at(anchor where) const {
    auto made = make(node_kind::at);
    made->where = where;
    return made;
  }

  node_pointer parse_alternatives(bool verbose, int nested) {
    if (nested > deepest) {
      throw limit_exceeded("the pattern nests deeper than " + std::to_string(deepest) + " groups");
    }
    std::vector<node_pointer> branches;
    do {
      branches.push_back(parse_sequence(verbose, nested + 1, nested == 0 && branches.empty()));
      if (nested == 0) verbose = has(state_.flags, regex_flags::verbose);
    } while (source_.match('|'));
    if (branches.size() == 1) return std::move(branches.front());
    auto made = make(node_kind::alternation);
    made->children = std::move(branches);
    return made;
  }

  node_pointer parse_sequence(bool verbose, int nested, bool first) {
    auto sequence = make(node_kind::sequence);
    auto& items = sequence->children;
    while (!source_.at_end() && !source_.peek_is('|') && !source_.peek_is(')')) {
      const std::u32string token = source_.get();
      const char32_t c = token[0];
      if (verbose && token.size() == 1 && is_space(c)) continue;
      if (verbose && c == '#') {
        while (!source_.at_end() && source_.get() != U"\n") {
        }
        continue;
      }
      if (c == '\\') {
        items.push_back(parse_escape(source_, token, state_));
      } else if (c == '[') {
        items.push_back(parse_set());
      } else if (c == '*' || c == '+' || c == '?' || c == '{') {
        parse_repeat(c, items);
      } else if (c == '.') {
        auto made = make(node_kind::any);
        made->flag = has(state_.flags, regex_flags::dot_all);
        items.push_back(std::move(made));
      } else if (c == '^') {
        const bool lines = has(state_.flags, regex_flags::multi_line);
        items.push_back(make_at(lines ? anchor::line_begin : anchor::begin));
      } else if (c == '$') {
        const bool lines = has(state_.flags, regex_flags::multi_line);
        items.push_back(make_at(lines ? anchor::line_end : anchor::end));
      } else if (c == '(') {
        if (auto group = parse_group(verbose, nested, first && items.empty())) {
          items.push_back(std::move(group));
        } else if (global_flags_changed_) {
          global_flags_changed_ = false;
          verbose = has(state_.flags, regex_flags::verbose);
          sequence->ignore_case = has(state_.flags, regex_flags::ignore_case);
        }
      } else {
        items.push_back(make_literal(c));
      }
    }
    return sequence;
  }

  node_pointer parse_set() {
    const std::size_t here = source_.tell() - 1;
    auto set = make(node_kind::set);
    set->flag = source_.match('^');
    auto& items = set->items;
    const auto unterminated = [&] {
      source_.fail("unterminated character set", source_.tell() - here);
    };
    for (;;) {
      if (source_.at_end()) unterminated();
      const std::u32string token = source_.get();
      if (token == U"]" && !items.empty()) return set;
      const set_item first = set_member(token);
      if (!source_.match('-')) {
        items.push_back(first);
        continue;
      }
      if (source_.at_end()) unterminated();
      const std::u32string other = source_.get();
      if (other == U"]") {
        items.push_back(first);
        items.push_back({0, '-', '-'});
        return set;
      }
      const set_item second = set_member(other);
      if (first.category != 0 || second.category != 0 || second.low < first.low) {
        source_.fail("bad character range " + utf8::encode(token) + "-" + utf8::encode(other),
                     token.size() + 1 + other.size());
      }
      items.push_back({0, first.low, second.low});
    }
  }

  set_item set_member(const std::u32string& token) {
    if (token[0] == '\\') return parse_set_escape(source_, token);
    return {0, token[0], token[0]};
  }

  // The counts of `{m,n}`; nullopt where the brace is a literal.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> parse_counts(std::size_t here) {
    if (source_.peek_is('}')) return std::nullopt;
    const auto digits = [&] { return source_.get_while(source_.size(), "0123456789"); };
    const std::u32string low = digits();
    std::u32string high = low;
    if (source_.match(',')) high = digits();
    if (!source_.match('}')) {
      source_.seek(here);
      return std::nullopt;
    }
    std::pair<std::uint32_t, std::uint32_t> counts{0, unlimited};
    if (!low.empty()) counts.first = number_of(low, 10);
    if (!high.empty()) counts.second = number_of(high, 10);
    if ((!low.empty() && counts.first >= too_large) ||
        (!high.empty() && counts.second >= too_large)) {
      throw std::overflow_error("the repetition number is too large");
    }
    if (counts.second < counts.first) {
      source_.fail("min repeat greater than max repeat", source_.tell() - here);
    }
    return counts;
  }

  void parse_repeat(char32_t c, std::vector<node_pointer>& items) {
    const std::size_t here = source_.tell();
    std::pair<std::uint32_t, std::uint32_t> counts{c == '+' ? 1 : 0, c == '?' ? 1 : unlimited};
    if (c == '{') {
      const auto written = parse_counts(here);
      if (!written) {
        items.push_back(make_literal('{'));
        return;
      }
      counts = *written;
    }
    if (items.empty() || items.back()->kind == node_kind::at) {
      source_.fail("nothing to repeat", source_.tell() - here + 1);
    }
    if (items.back()->kind == node_kind::repeat) {
      source_.fail("multiple repeat", source_.tell() - here + 1);
    }
    auto made = make(node_kind::repeat);
    made->minimum = counts.first;
    made->maximum = counts.second;
    made->how = source_.match('?')   ? greed::lazy
                : source_.match('+') ? greed::possessive
                                     : greed::greedy;
    made->children.push_back(std::move(items.back()));
    items.back() = std::move(made);
  }

  void close(std::size_t start) {
    if (!source_.match(')')) {
      source_.fail("missing ), unterminated subpattern", source_.tell() - start);
    }
  }

  std::u32string token_or_fail(const char* message) {
    if (source_.at_end()) source_.fail(message);
    return source_.get();
  }

  void check_name(const std::u32string& name) {
    if (!is_identifier(name)) {
      source_.fail("bad character in group name " + quoted(name), name.size() + 1);
    }
  }

  // Behind the opening bracket. Null for what leaves no node: comments and global flags.
  node_pointer parse_group(bool verbose, int nested, bool first) {
    const std::size_t start = source_.tell() - 1;
    if (!source_.match('?')) return parse_capture(verbose, nested, start, nullptr);
    const std::u32string token = token_or_fail("unexpected end of pattern");
    switch (token[0]) {
      case 'P':
        return parse_named(verbose, nested, start);
      case ':':
        return parse_inner(verbose, nested, start, node_kind::group);
      case '>':
        return parse_inner(verbose, nested, start, node_kind::atomic);
      case '#':
        for (;;) {
          if (source_.at_end()) {
            source_.fail("missing ), unterminated comment", source_.tell() - start);
          }
          if (source_.get() == U")") return nullptr;
        }
      case '=':
      case '!':
      case '<':
        return parse_look(token[0], verbose, nested, start);
      case '(':
        return parse_conditional(verbose, nested, start);
      default:
        break;
    }
    if (token.size() == 1 && (is_flag(token[0]) || token[0] == '-')) {
      return parse_flags(token[0], verbose, nested, start, first);
    }
    source_.fail("unknown extension ?" + utf8::encode(token), token.size() + 1);
  }

  node_pointer parse_inner(bool verbose, int nested, std::size_t start, node_kind kind) {
    auto made = make(kind);
    made->children.push_back(parse_alternatives(verbose, nested + 1));
    close(start);
    return made;
  }

  node_pointer parse_capture(bool verbose, int nested, std::size_t start,
                             const std::u32string* name) {
    auto made = make(node_kind::group);
    made->index = state_.closed.size();
    state_.closed.push_back(false);
    if (name != nullptr) {
      const auto [place, is_new] = state_.names.emplace(utf8::encode(*name), made->index);
      if (!is_new) {
        source_.fail("redefinition of group name " + quoted(*name) + " as group " +
                         std::to_string(made->index) + "; was group " +
                         std::to_string(place->second),
                     name->size() + 1);
      }
    }
    made->children.push_back(parse_alternatives(verbose, nested + 1));
    close(start);
    state_.closed[made->index] = true;
    return made;
  }

  node_pointer parse_named(bool verbose, int nested, std::size_t start) {
    if (source_.match('<')) {
      const std::u32string name = source_.get_until('>', "group name");
      check_name(name);
      return parse_capture(verbose, nested, start, &name);
    }
    if (source_.match('=')) {
      const std::u32string name = source_.get_until(')', "group name");
      check_name(name);
      const auto found = state_.names.find(utf8::encode(name));
      if (found == state_.names.end()) {
        source_.fail("unknown group name " + quoted(name), name.size() + 1);
      }
      if (!state_.closed[found->second]) {
        source_.fail("cannot refer to an open group", name.size() + 1);
      }
      check_look_behind(source_, state_, found->second);
      auto made = make(node_kind::reference);
      made->index = found->second;
      return made;
    }
    const std::u32string token = token_or_fail("unexpected end of pattern");
    source_.fail("unknown extension ?P" + utf8::encode(token), token.size() + 2);
  }

  node_pointer parse_look(char32_t c, bool verbose, int nested, std::size_t start) {
    auto made = make(node_kind::look);
    const auto outer = state_.look_behind_groups;
    if (c == '<') {
      const std::u32string token = token_or_fail("unexpected end of pattern");
      if (token != U"=" && token != U"!") {
        source_.fail("unknown extension ?<" + utf8::encode(token), token.size() + 2);
      }
      made->behind = true;
      c = token[0];
      if (!outer) state_.look_behind_groups = state_.closed.size();
    }
    made->flag = c == '!';
    made->children.push_back(parse_alternatives(verbose, nested + 1));
    if (made->behind) state_.look_behind_groups = outer;
    close(start);
    return made;
  }

  node_pointer parse_conditional(bool verbose, int nested, std::size_t start) {
    auto made = make(node_kind::conditional);
    const std::u32string name = source_.get_until(')', "group name");
    if (is_identifier(name)) {
      const auto found = state_.names.find(utf8::encode(name));
      if (found == state_.names.end()) {
        source_.fail("unknown group name " + quoted(name), name.size() + 1);
      }
      made->index = found->second;
    } else {
      if (!std::all_of(name.begin(), name.end(), is_digit)) {
        source_.fail("bad character in group name " + quoted(name), name.size() + 1);
      }
      made->index = number_of(name, 10);
      if (made->index == 0) source_.fail("bad group number", name.size() + 1);
      if (made->index >= too_large / 2) {
        source_.fail("invalid group reference " + utf8::encode(name), name.size() + 1);
      }
      state_.conditions.emplace(made->index, source_.tell() - name.size() - 1);
    }
    check_look_behind(source_, state_, made->index);
    made->children.push_back(parse_sequence(verbose, nested + 1, false));
    if (source_.match('|')) {
      made->children.push_back(parse_sequence(verbose, nested + 1, false));
      if (source_.peek_is('|')) {
        source_.fail("conditional backref with more than two branches");
      }
    }
    close(start);
    return made;
  }

  node_pointer parse_flags(char32_t c, bool verbose, int nested, std::size_t start, bool first) {
    const inline_flags read = read_inline_flags(source_, c);
    const regex_flags outer = state_.flags;
    if (read.global) {
      if (!first) {
        source_.fail("global flags not at the start of the expression", source_.tell() - start);
      }
      state_.flags = outer | read.add;
      global_flags_changed_ = true;
      return nullptr;
    }
    state_.flags = read.within(outer);
    const bool inner_verbose =
        (verbose || has(read.add, regex_flags::verbose)) && !has(read.remove, regex_flags::verbose);
    auto made = parse_inner(inner_verbose, nested, start, node_kind::group);
    state_.flags = outer;
    return made;
  }

  tokenizer source_;
  parser_state state_;
  bool global_flags_changed_ = false;
};

}  // namespace

syntax_tree parse(const std::u32string& pattern, regex_flags flags) {
  return parser(pattern, flags).run();
}

}  // namespace ref::detail
