// What a pattern means, apart from how it was written: the tree between parser and engines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ref::detail {

enum class node_kind {
  literal,      // code_point
  any,          // dot; `flag`: also newline
  set,          // ranges and categories, `flag`: negated
  at,           // anchor
  sequence,     // children one after the other
  alternation,  // children, the leftmost that lets the whole match
  group,        // one child; index 0: not captured
  repeat,       // one child, minimum to maximum times
  reference,    // to group `index`
  look,         // one child; `flag`: negative, `behind`
  conditional,  // on group `index`: children[0], else children[1] if there is one
  atomic,       // one child, never entered again
  nothing,      // never matches
};

enum class anchor { begin, line_begin, end, line_end, absolute_end, boundary, no_boundary };
enum class greed { greedy, lazy, possessive };

/// `d`, `s` or `w`; a capital is the complement.
struct set_item {
  char category = 0;  // 0: a range
  char32_t low = 0;
  char32_t high = 0;
};

constexpr std::uint32_t unlimited = 0xffffffffu;

struct node {
  node_kind kind = node_kind::sequence;
  bool flag = false;
  bool behind = false;
  bool ignore_case = false;  // of literals, sets and references
  bool ascii = false;        // categories, boundaries and case are those of ASCII
  char32_t code_point = 0;
  anchor where = anchor::begin;
  greed how = greed::greedy;
  std::uint32_t minimum = 0;
  std::uint32_t maximum = 0;
  std::size_t index = 0;
  std::vector<set_item> items;
  std::vector<std::unique_ptr<node>> children;
};

struct syntax_tree {
  std::unique_ptr<node> root;
  std::size_t groups = 0;
  std::map<std::string, std::size_t> groupindex;
};

/// The fewest and the most code points that a node matches; `unlimited` for no bound.
struct width {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

}  // namespace ref::detail
