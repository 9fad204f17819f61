#include "impl/regex/ending.h"

#include <algorithm>

#include "impl/regex/ascii_set.h"

namespace ref::detail {
namespace {

bool add_last(const node& tree, byte_set& set);

// From the last one on; what may be empty shows what stands before it.
bool add_last_of_any(const node& sequence, byte_set& set) {
  return std::any_of(sequence.children.rbegin(), sequence.children.rend(),
                     [&](const auto& child) { return add_last(*child, set); });
}

// Adds the characters that a match of the node may end with; true if it cannot be empty.
bool add_last(const node& tree, byte_set& set) {
  switch (tree.kind) {
    case node_kind::at:
    case node_kind::look:
      return false;
    case node_kind::nothing:
      return true;
    case node_kind::group:
    case node_kind::atomic:
      return add_last(*tree.children[0], set);
    case node_kind::repeat:
      return add_last(*tree.children[0], set) && tree.minimum > 0;
    case node_kind::sequence:
      return add_last_of_any(tree, set);
    case node_kind::alternation:
      return std::count_if(tree.children.begin(), tree.children.end(),
                           [&](const auto& child) { return !add_last(*child, set); }) == 0;
    case node_kind::literal:
    case node_kind::any:
    case node_kind::set:
      if (!add_ascii_set(tree, set)) set.fill();
      return true;
    default:
      set.fill();
      return false;
  }
}

// Whether a match of the node always reaches the end of the text, or the line feed before it, as
// the last thing that it does.
bool ends_text(const node& tree) {
  switch (tree.kind) {
    case node_kind::at:
      return tree.where == anchor::end || tree.where == anchor::absolute_end;
    case node_kind::group:
    case node_kind::atomic:
      return ends_text(*tree.children[0]);
    case node_kind::sequence: {
      // Behind the anchor there may be other anchors alone.
      const auto last = std::find_if(
          tree.children.rbegin(), tree.children.rend(),
          [](const auto& child) { return child->kind != node_kind::at || ends_text(*child); });
      return last != tree.children.rend() && ends_text(**last);
    }
    case node_kind::alternation:
      return std::all_of(tree.children.begin(), tree.children.end(),
                         [](const auto& child) { return ends_text(*child); });
    default:
      return false;
  }
}

}  // namespace

required_ending required_ending::of(const node& tree) {
  required_ending made;
  made.is_known_ = ends_text(tree) && add_last(tree, made.last_);
  return made;
}

}  // namespace ref::detail
