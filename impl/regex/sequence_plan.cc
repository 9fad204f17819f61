#include "impl/regex/sequence_plan.h"

#include <algorithm>
#include <utility>

#include "impl/regex/ascii_set.h"

namespace ref::detail {
namespace {

using item = sequence_plan::item;
using item_kind = sequence_plan::item_kind;
using choice = sequence_plan::choice;

constexpr std::size_t most_items = 64;  // longer patterns are left to the other engines

class planner {
 public:
  std::optional<sequence_plan> plan(const syntax_tree& tree);

 private:
  bool add(const node& tree);
  bool add_group(const node& tree);
  bool add_repeat(const node& tree);
  void add_literal(char byte);
  void prepare();
  void choose(std::size_t at);
  void prepare_inner();
  void prepare_marks();
  std::size_t add_literals(std::size_t at, std::string& to) const;
  bool first_of(std::size_t at, byte_set& set) const;

  sequence_plan plan_;
  bool has_reference_ = false;
};

std::optional<sequence_plan> planner::plan(const syntax_tree& tree) {
  if (!add(*tree.root) || plan_.items.size() > most_items) return std::nullopt;
  const bool takes_something =
      std::any_of(plan_.items.begin(), plan_.items.end(), [](const item& each) {
        return each.kind == item_kind::literal || (each.kind == item_kind::run && each.least > 0);
      });
  if (!takes_something) return std::nullopt;
  prepare();
  return std::move(plan_);
}

void planner::add_literal(char byte) {
  if (plan_.items.empty() || plan_.items.back().kind != item_kind::literal)
    plan_.items.emplace_back();
  plan_.items.back().bytes += byte;
}

bool planner::add(const node& tree) {
  switch (tree.kind) {
    case node_kind::literal:
      if (tree.ignore_case || tree.code_point > 127) return false;
      add_literal(static_cast<char>(tree.code_point));
      return true;
    case node_kind::any:
    case node_kind::set: {
      item made{.kind = item_kind::run, .least = 1, .most = 1};
      if (!add_ascii_set(tree, made.set)) return false;
      plan_.items.push_back(std::move(made));
      return true;
    }
    case node_kind::sequence:
      return std::all_of(tree.children.begin(), tree.children.end(),
                         [this](const auto& child) { return add(*child); });
    case node_kind::group:
      if (tree.index == 0) return add(*tree.children[0]);
      return add_group(tree);
    case node_kind::repeat:
      return add_repeat(tree);
    case node_kind::reference:
      if (tree.ignore_case) return false;
      has_reference_ = true;
      plan_.items.push_back({.kind = item_kind::reference, .group = tree.index});
      return true;
    default:
      return false;
  }
}

bool planner::add_group(const node& tree) {
  const std::size_t before = plan_.items.size();
  plan_.items.push_back({.kind = item_kind::open, .group = tree.index});
  if (!add(*tree.children[0])) return false;
  item& last = plan_.items.back();
  if (plan_.items.size() == before + 2 && last.kind == item_kind::run && last.group == 0) {
    last.group = tree.index;
    plan_.items.erase(plan_.items.end() - 2);
  } else {
    plan_.items.push_back({.kind = item_kind::close, .group = tree.index});
  }
  return true;
}

bool planner::add_repeat(const node& tree) {
  item made{.kind = item_kind::run, .least = tree.minimum, .most = tree.maximum, .how = tree.how};
  if (!add_ascii_set(*tree.children[0], made.set)) return false;
  plan_.items.push_back(std::move(made));
  return true;
}

// What can stand first behind item `at`; false when nothing need stand there, or it is not known.
bool planner::first_of(std::size_t at, byte_set& set) const {
  for (; at < plan_.items.size(); ++at) {
    const item& each = plan_.items[at];
    if (each.kind == item_kind::reference) return false;
    if (each.kind == item_kind::literal) {
      const auto byte = static_cast<unsigned char>(each.bytes.front());
      set.add(byte, byte);
      return true;
    }
    if (each.kind == item_kind::run) {
      set.add(each.set);
      if (each.least > 0) return true;
    }
  }
  return false;
}

// Whether a run must be tried at more than one length.
void planner::choose(std::size_t at) {
  item& run = plan_.items[at];
  const bool is_lazy = run.how == greed::lazy;
  const bool is_last = std::all_of(plan_.items.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                   plan_.items.end(), [](const item& each) {
                                     return each.kind == item_kind::open ||
                                            each.kind == item_kind::close ||
                                            (each.kind == item_kind::run && each.least == 0);
                                   });
  run.is_long = run.set.size() > 64;
  run.has_next = first_of(at + 1, run.next);
  run.is_next_one = run.has_next && run.next.size() == 1;
  if (run.is_next_one) run.next_byte = run.next.least();
  run.stop = run.set;
  run.stop.complement();
  run.stop.add(run.next);
  const bool is_sure = run.has_next && !run.next.intersects(run.set);
  if (is_last || run.least == run.most) {
    run.ends = is_lazy ? choice::shortest : choice::longest;  // what follows cannot fail
  } else if (is_sure || run.how == greed::possessive) {
    run.ends = choice::longest;
  } else {
    run.ends = is_lazy ? choice::from_shortest : choice::from_longest;
  }
}

void planner::prepare() {
  for (std::size_t i = 0; i < plan_.items.size(); ++i) {
    if (plan_.items[i].kind == item_kind::run) choose(i);
    plan_.least +=
        plan_.items[i].kind == item_kind::run ? plan_.items[i].least : plan_.items[i].bytes.size();
  }
  plan_.has_first = first_of(0, plan_.first) && !plan_.first.is_full();
  plan_.known = add_literals(0, plan_.prefix);
  prepare_inner();
  plan_.is_all_known = plan_.known == plan_.items.size();
  prepare_marks();
  // A run that is tried at its greatest length alone ends at the same place wherever it begins.
  const auto leading = std::find_if(plan_.items.begin(), plan_.items.end(),
                                    [](const item& each) { return each.kind != item_kind::open; });
  plan_.leading = leading->set;
  plan_.skips_run = !has_reference_ && leading->kind == item_kind::run &&
                    leading->most == unlimited && leading->ends == choice::longest;
}

// The literals from an item on, up to the first that is neither one nor a group's end. Returns
// that.
std::size_t planner::add_literals(std::size_t at, std::string& to) const {
  for (; at < plan_.items.size(); ++at) {
    const item_kind kind = plan_.items[at].kind;
    if (kind == item_kind::run || kind == item_kind::reference) break;
    to += plan_.items[at].bytes;
  }
  return at;
}

void planner::prepare_inner() {
  if (plan_.prefix.empty() || plan_.known == plan_.items.size()) return;
  const item& run = plan_.items[plan_.known];
  if (run.kind != item_kind::run || run.most != unlimited || run.ends != choice::longest) return;
  std::string inner;
  const std::size_t behind = add_literals(plan_.known + 1, inner);
  // Only then are both ends of the run known.
  if (inner.size() <= plan_.prefix.size() || run.set.contains(inner.front()) ||
      run.set.contains(plan_.prefix.back())) {
    return;
  }
  plan_.inner = std::move(inner);
  plan_.inner_run = std::exchange(plan_.known, behind);
}

void planner::prepare_marks() {
  sequence_plan::mark next;
  for (std::size_t i = 0; i < plan_.known; ++i) {
    const item& each = plan_.items[i];
    if (each.kind == item_kind::run) {
      next.slot = 2 * each.group;
      if (each.group != 0) plan_.known_marks.push_back(next);
      next = {.slot = next.slot + 1, .is_behind_run = true};
      if (each.group != 0) plan_.known_marks.push_back(next);
    } else if (each.kind == item_kind::literal) {
      next.distance += each.bytes.size();
    } else {
      next.slot = 2 * each.group + (each.kind == item_kind::close ? 1 : 0);
      plan_.known_marks.push_back(next);
    }
  }
}

}  // namespace

std::optional<sequence_plan> plan_sequence(const syntax_tree& tree) { return planner().plan(tree); }

}  // namespace ref::detail
