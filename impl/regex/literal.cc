#include "impl/regex/literal.h"

#include <utility>

#include "impl/base/utf8.h"

namespace ref::detail {
namespace {

// Goes through what a match consists of, one after the other, and keeps the longest run of
// literals.
class collector {
 public:
  void visit(const node& tree) {
    switch (tree.kind) {
      case node_kind::literal:
        if (tree.ignore_case) return consume();
        if (run_.empty()) run_is_prefix_ = !consumed_;
        utf8::append(run_, tree.code_point);
        consumed_ = true;
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
        if (tree.minimum == 0) return consume();
        visit(*tree.children[0]);  // the first time at least
        return consume();
      default:
        return consume();
    }
  }
  required_literal result() {
    consume();
    return std::move(best_);
  }

 private:
  // Something else than a literal comes.
  void consume() {
    if (run_.size() > best_.bytes.size()) best_ = {run_, run_is_prefix_};
    run_.clear();
    consumed_ = true;
  }

  std::string run_;
  bool run_is_prefix_ = false;
  bool consumed_ = false;  // something stands before the place that has been reached
  required_literal best_;
};

}  // namespace

required_literal required_literal_of(const node& tree) {
  collector collected;
  collected.visit(tree);
  return collected.result();
}

}  // namespace ref::detail
