#include "impl/regex/ascii_set.h"

#include <algorithm>

#include "impl/regex/charset.h"

namespace ref::detail {
namespace {

constexpr char32_t last_ascii = 127;

void add_ranges(byte_set& set, const ranges& list) {
  for (const auto& [low, high] : list) {
    if (low > last_ascii) continue;
    set.add(static_cast<unsigned char>(low),
            static_cast<unsigned char>(std::min(high, last_ascii)));
  }
}

void add_category(byte_set& set, char category, bool ascii) {
  const bool negated = category < 'a';
  const char name = static_cast<char>(negated ? category + 32 : category);
  byte_set of;
  add_ranges(of, name == 's' ? space_ranges(ascii) : name == 'd' ? ascii_digits() : ascii_word());
  if (negated) of.complement();
  set.add(of);
}

// Adds what a set that is not negated holds.
void add_items(byte_set& set, const node& tree) {
  for (const set_item& each : tree.items) {
    if (each.category != 0)
      add_category(set, each.category, tree.ascii);
    else
      add_ranges(set, {{each.low, each.high}});
  }
}

}  // namespace

bool add_ascii_set(const node& tree, byte_set& set) {
  switch (tree.kind) {
    case node_kind::literal:
      if (tree.ignore_case || tree.code_point > last_ascii) return false;
      add_ranges(set, {{tree.code_point, tree.code_point}});
      return true;
    case node_kind::any:
    case node_kind::set: {
      if (tree.ignore_case) return false;
      byte_set of;
      if (tree.kind == node_kind::set) {
        add_items(of, tree);
        if (tree.flag) of.complement();
      } else {
        if (!tree.flag) of.add('\n', '\n');
        of.complement();
      }
      set.add(of);
      return true;
    }
    case node_kind::group:
      return tree.index == 0 && add_ascii_set(*tree.children[0], set);
    case node_kind::sequence:
      return tree.children.size() == 1 && add_ascii_set(*tree.children[0], set);
    default:
      return false;
  }
}

}  // namespace ref::detail
