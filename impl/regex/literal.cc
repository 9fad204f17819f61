#include "impl/regex/literal.h"

#include <algorithm>
#include <utility>

#include "impl/base/utf8.h"
#include "impl/regex/parser.h"

namespace ref::detail {
namespace {

// Goes through what a match consists of, one after the other, and keeps the longest run of
// literals.
class collector {
 public:
  void visit(const node& tree) {
    switch (tree.kind) {
      case node_kind::literal:
        if (tree.ignore_case) return pass(tree);
        if (run_.bytes.empty()) run_.most = passed_;
        utf8::append(run_.bytes, tree.code_point);
        passed_ = sum(passed_, 1);
        return;
      case node_kind::at:
      case node_kind::look:
        return;  // nothing is consumed: what follows stands next to what was before
      case node_kind::sequence:
        for (const auto& child : tree.children) visit(*child);
        return;
      case node_kind::group:
      case node_kind::atomic:
        return visit(*tree.children[0]);
      case node_kind::repeat:
        if (tree.minimum > 0) visit(*tree.children[0]);  // the first time at least
        return pass(tree);
      default:
        return pass(tree);
    }
  }
  required_literal result() {
    end_run();
    return std::move(best_);
  }

 private:
  static std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    return std::min<std::uint64_t>(a + b, unlimited);
  }
  // Something else than a literal comes.
  void pass(const node& tree) {
    end_run();
    passed_ = sum(passed_, width_of(tree, {}).most);
  }
  void end_run() {
    if (run_.bytes.size() > best_.bytes.size()) best_ = run_;
    run_ = {};
  }

  required_literal run_;
  required_literal best_;
  std::uint64_t passed_ = 0;  // code points that may stand before the place that has been reached
};

}  // namespace

required_literal required_literal_of(const node& tree) {
  collector collected;
  collected.visit(tree);
  return collected.result();
}

}  // namespace ref::detail
