#include <algorithm>

#include "impl/regex/parser.h"

namespace ref::detail {
namespace {

std::uint64_t clipped(std::uint64_t value) { return std::min<std::uint64_t>(value, unlimited); }

width repeated(const width& one, const node& tree) {
  // Both factors are at most 2^32 - 1, so that the products fit.
  width sum{clipped(one.least * tree.minimum), clipped(one.most * tree.maximum)};
  if (tree.maximum == unlimited && one.most > 0) sum.most = unlimited;
  return sum;
}

}  // namespace

width width_of(const node& tree, const std::vector<width>& groups) {
  switch (tree.kind) {
    case node_kind::literal:
    case node_kind::any:
    case node_kind::set:
      return {1, 1};
    case node_kind::at:
    case node_kind::look:
    case node_kind::nothing:
      return {0, 0};
    case node_kind::group:
    case node_kind::atomic:
      return width_of(*tree.children[0], groups);
    case node_kind::reference:
      return tree.index < groups.size() ? groups[tree.index] : width{0, unlimited};
    case node_kind::repeat:
      return repeated(width_of(*tree.children[0], groups), tree);
    case node_kind::sequence: {
      width sum;
      for (const auto& child : tree.children) {
        const width one = width_of(*child, groups);
        sum = {clipped(sum.least + one.least), clipped(sum.most + one.most)};
      }
      return sum;
    }
    case node_kind::conditional:
    case node_kind::alternation: {
      width all = width_of(*tree.children[0], groups);
      for (std::size_t i = 1; i < tree.children.size(); ++i) {
        const width one = width_of(*tree.children[i], groups);
        all = {std::min(all.least, one.least), std::max(all.most, one.most)};
      }
      if (tree.kind == node_kind::conditional && tree.children.size() == 1) all.least = 0;
      return all;
    }
  }
  return {};
}

}  // namespace ref::detail
