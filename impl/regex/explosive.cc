#include "impl/regex/explosive.h"

#include <algorithm>
#include <vector>

#include "impl/regex/parser.h"

namespace ref::detail {
namespace {

bool may_be_empty(const node& tree) { return width_of(tree, {}).least == 0; }

// Whether a repeat without end can take all of what the node takes.
bool is_loose(const node& tree) {
  switch (tree.kind) {
    case node_kind::repeat:
      return tree.maximum == unlimited;
    case node_kind::group:
      return is_loose(*tree.children[0]);
    case node_kind::alternation:
      return std::any_of(tree.children.begin(), tree.children.end(),
                         [](const auto& child) { return is_loose(*child); });
    case node_kind::sequence: {
      const auto firm = std::count_if(tree.children.begin(), tree.children.end(),
                                      [](const auto& child) { return !may_be_empty(*child); });
      return std::any_of(tree.children.begin(), tree.children.end(), [&](const auto& child) {
        return is_loose(*child) && firm == (may_be_empty(*child) ? 0 : 1);
      });
    }
    default:
      return false;
  }
}

}  // namespace

bool is_explosive(const node& tree) {
  if (tree.kind == node_kind::repeat && tree.maximum == unlimited && is_loose(*tree.children[0])) {
    return true;
  }
  return std::any_of(tree.children.begin(), tree.children.end(),
                     [](const auto& child) { return is_explosive(*child); });
}

}  // namespace ref::detail
