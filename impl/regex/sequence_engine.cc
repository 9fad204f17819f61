#include "impl/regex/sequence_engine.h"

#include <algorithm>
#include <utility>

#include "impl/regex/charset.h"
#include "impl/regex/scan.h"

namespace ref::detail {
namespace {

constexpr std::size_t block = 32;       // bytes that are looked at in one step
constexpr std::size_t steps_back = 4;   // bytes that are gone back over for the same
constexpr std::size_t most_items = 64;  // longer patterns are left to the other engines

void add_ranges(byte_set& set, const ranges& list) {
  for (const auto& [low, high] : list) {
    if (low > 127) continue;
    set.add(static_cast<unsigned char>(low),
            static_cast<unsigned char>(std::min<char32_t>(high, 127)));
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

// The characters that a node stands for, where it stands for one.
bool single(const node& tree, byte_set& set) {
  switch (tree.kind) {
    case node_kind::literal:
      if (tree.ignore_case || tree.code_point > 127) return false;
      set.add(static_cast<unsigned char>(tree.code_point),
              static_cast<unsigned char>(tree.code_point));
      return true;
    case node_kind::any:
      if (!tree.flag) set.add('\n', '\n');
      set.complement();
      return true;
    case node_kind::set:
      if (tree.ignore_case) return false;
      for (const set_item& each : tree.items) {
        if (each.category != 0)
          add_category(set, each.category, tree.ascii);
        else
          add_ranges(set, {{each.low, each.high}});
      }
      if (tree.flag) set.complement();
      return true;
    case node_kind::group:
      return tree.index == 0 && single(*tree.children[0], set);
    case node_kind::sequence:
      return tree.children.size() == 1 && single(*tree.children[0], set);
    default:
      return false;
  }
}

}  // namespace

struct sequence_program::attempt {
  std::string_view text;
  std::size_t* spans;
  std::uint64_t work;  // none is left: what has failed may have failed for that

  // How far a run can go that takes so many characters.
  std::size_t end_of(std::uint32_t most, std::size_t place) const {
    return most < text.size() - place ? place + most : text.size();
  }
  bool can_follow(const item& run, std::size_t end) const {
    return !run.has_next || (end < text.size() && run.next.contains(text[end]));
  }
  bool has(std::string_view literal, std::size_t place) const {
    return literal.size() <= text.size() - place &&
           scan::equal(text.data() + place, literal.data(), literal.size());
  }
  void mark(const item& run, std::size_t place, std::size_t end) {
    if (run.group == 0) return;
    spans[2 * run.group] = place;
    spans[2 * run.group + 1] = end;
  }
  // False when there is not so much left.
  bool take(std::uint64_t some) {
    const bool is_enough = some <= work;
    work = is_enough ? work - some : 0;
    return is_enough;
  }
};

// ---- compiling ----------------------------------------------------------------------------------

std::optional<sequence_program> sequence_program::compile(const syntax_tree& tree) {
  sequence_program made;
  if (!made.add(*tree.root) || made.items_.size() > most_items) return std::nullopt;
  const bool takes_something =
      std::any_of(made.items_.begin(), made.items_.end(), [](const item& each) {
        return each.kind == item_kind::literal || (each.kind == item_kind::run && each.least > 0);
      });
  if (!takes_something) return std::nullopt;
  made.prepare();
  return made;
}

void sequence_program::add_literal(char byte) {
  if (items_.empty() || items_.back().kind != item_kind::literal) items_.emplace_back();
  items_.back().bytes += byte;
}

bool sequence_program::add(const node& tree) {
  switch (tree.kind) {
    case node_kind::literal:
      if (tree.ignore_case || tree.code_point > 127) return false;
      add_literal(static_cast<char>(tree.code_point));
      return true;
    case node_kind::any:
    case node_kind::set: {
      item made{.kind = item_kind::run, .least = 1, .most = 1};
      if (!single(tree, made.set)) return false;
      items_.push_back(std::move(made));
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
      items_.push_back({.kind = item_kind::reference, .group = tree.index});
      return true;
    default:
      return false;
  }
}

bool sequence_program::add_group(const node& tree) {
  const std::size_t before = items_.size();
  items_.push_back({.kind = item_kind::open, .group = tree.index});
  if (!add(*tree.children[0])) return false;
  item& last = items_.back();
  if (items_.size() == before + 2 && last.kind == item_kind::run && last.group == 0) {
    last.group = tree.index;
    items_.erase(items_.end() - 2);
  } else {
    items_.push_back({.kind = item_kind::close, .group = tree.index});
  }
  return true;
}

bool sequence_program::add_repeat(const node& tree) {
  item made{.kind = item_kind::run, .least = tree.minimum, .most = tree.maximum, .how = tree.how};
  if (!single(*tree.children[0], made.set)) return false;
  items_.push_back(std::move(made));
  return true;
}

// What can stand first behind item `at`; false when nothing need stand there, or it is not known.
bool sequence_program::first_of(std::size_t at, byte_set& set) const {
  for (; at < items_.size(); ++at) {
    const item& each = items_[at];
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
void sequence_program::choose(std::size_t at) {
  item& run = items_[at];
  const bool is_lazy = run.how == greed::lazy;
  const bool is_last = std::all_of(
      items_.begin() + static_cast<std::ptrdiff_t>(at) + 1, items_.end(), [](const item& each) {
        return each.kind == item_kind::open || each.kind == item_kind::close ||
               (each.kind == item_kind::run && each.least == 0);
      });
  run.is_long = run.set.size() > 64;
  run.has_next = first_of(at + 1, run.next);
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

void sequence_program::prepare() {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].kind == item_kind::run) choose(i);
    least_ += items_[i].kind == item_kind::run ? items_[i].least : items_[i].bytes.size();
  }
  has_first_ = first_of(0, first_) && !first_.is_full();
  known_ = add_literals(0, prefix_);
  prepare_inner();
  prepare_marks();
  // A run that is tried at its greatest length alone ends at the same place wherever it begins.
  const auto leading = std::find_if(items_.begin(), items_.end(),
                                    [](const item& each) { return each.kind != item_kind::open; });
  leading_ = leading->set;
  skips_run_ = !has_reference_ && leading->kind == item_kind::run && leading->most == unlimited &&
               leading->ends == choice::longest;
}

// The literals from an item on, up to the first that is neither one nor a group's end. Returns
// that.
std::size_t sequence_program::add_literals(std::size_t at, std::string& to) const {
  for (; at < items_.size(); ++at) {
    const item_kind kind = items_[at].kind;
    if (kind == item_kind::run || kind == item_kind::reference) break;
    to += items_[at].bytes;
  }
  return at;
}

void sequence_program::prepare_inner() {
  if (prefix_.empty() || known_ == items_.size()) return;
  const item& run = items_[known_];
  if (run.kind != item_kind::run || run.most != unlimited || run.ends != choice::longest) return;
  std::string inner;
  const std::size_t behind = add_literals(known_ + 1, inner);
  // Only then are both ends of the run known.
  if (inner.size() <= prefix_.size() || run.set.contains(inner.front()) ||
      run.set.contains(prefix_.back())) {
    return;
  }
  inner_ = std::move(inner);
  inner_run_ = std::exchange(known_, behind);
}

void sequence_program::prepare_marks() {
  mark next;
  for (std::size_t i = 0; i < known_; ++i) {
    const item& each = items_[i];
    if (each.kind == item_kind::run) {
      next.slot = 2 * each.group;
      if (each.group != 0) known_marks_.push_back(next);
      next = {.slot = next.slot + 1, .is_behind_run = true};
      if (each.group != 0) known_marks_.push_back(next);
    } else if (each.kind == item_kind::literal) {
      next.distance += each.bytes.size();
    } else {
      next.slot = 2 * each.group + (each.kind == item_kind::close ? 1 : 0);
      known_marks_.push_back(next);
    }
  }
}

// ---- matching -----------------------------------------------------------------------------------

inline std::size_t sequence_program::find_end(const item& run, std::string_view text,
                                              std::size_t from) {
  return run.is_long ? run.set.find_far_end(text, from) : run.set.find_end(text, from);
}

// Lets a run grow until what follows fits.
bool sequence_program::match_shortest(attempt& now, const item& run, std::size_t place) const {
  const std::string_view text = now.text.substr(0, now.end_of(run.most, place));
  if (text.size() - place < run.least) return false;
  std::size_t end = place + run.least;
  if (run.least > 0 && find_end(run, text.substr(0, end), place) < end) return false;
  for (;; ++end) {
    const std::size_t from = end;
    if (run.has_next) end = run.stop.find(text, from);
    if (!now.take(1 + (end - from) / block)) return false;
    now.mark(run, place, end);
    if (now.can_follow(run, end) && match_from(now, &run + 1, end)) return true;
    if (end >= text.size() || !run.set.contains(text[end])) return false;
  }
}

// Lets a run shrink until what follows fits.
bool sequence_program::match_longest(attempt& now, const item& run, std::size_t place) const {
  const std::size_t longest = find_end(run, now.text.substr(0, now.end_of(run.most, place)), place);
  if (longest - place < run.least || !now.take(1 + (longest - place) / block)) return false;
  const std::size_t shortest = place + run.least;
  for (std::size_t end = longest + 1; end > shortest;) {  // behind the next place to be tried
    const std::size_t before = end--;
    if (run.has_next) end = run.next.find_last(now.text, shortest, before);
    if (end == std::string_view::npos) return false;
    if (!now.take(1 + (before - end) / steps_back)) return false;
    now.mark(run, place, end);
    if (match_from(now, &run + 1, end)) return true;
  }
  return false;
}

// Goes through the items from `at` on; recurs only where a run may have to be tried again.
bool sequence_program::match_from(attempt& now, const item* at, std::size_t place) const {
  for (const item* const last = items_.data() + items_.size(); at != last; ++at) {
    const item& each = *at;
    switch (each.kind) {
      case item_kind::open:
        now.spans[2 * each.group] = place;
        break;
      case item_kind::close:
        now.spans[2 * each.group + 1] = place;
        break;
      case item_kind::literal:
        if (!now.has(each.bytes, place)) return false;
        place += each.bytes.size();
        break;
      case item_kind::reference: {
        const std::size_t from = now.spans[2 * each.group];
        const std::size_t size = now.spans[2 * each.group + 1] - from;
        if (!now.take(1 + size / block)) return false;
        if (!now.has({now.text.data() + from, size}, place)) return false;
        place += size;
        break;
      }
      case item_kind::run: {
        if (each.ends == choice::from_longest) return match_longest(now, each, place);
        if (each.ends == choice::from_shortest) return match_shortest(now, each, place);
        const std::uint32_t most = each.ends == choice::longest ? each.most : each.least;
        const std::string_view text = now.text.substr(0, now.end_of(most, place));
        const std::size_t end = find_end(each, text, place);
        if (!now.take(1 + (end - place) / block) || end - place < each.least) return false;
        now.mark(each, place, end);
        place = end;
        break;
      }
    }
  }
  now.spans[1] = place;
  return true;
}

// Goes through the items that a search has found. Returns where the rest is to go on.
inline std::size_t sequence_program::pass_known(attempt& now, const start& found) const {
  for (const mark& each : known_marks_) {
    now.spans[each.slot] = (each.is_behind_run ? found.run_end : found.place) + each.distance;
  }
  return (inner_.empty() ? found.place + prefix_.size() : found.run_end + inner_.size());
}

sequence_program::start sequence_program::next_start_before_inner(std::string_view text,
                                                                  std::size_t from) const {
  const item& run = items_[inner_run_];
  const std::size_t least = from + prefix_.size();  // where the first run could begin
  for (std::size_t at = least;; ++at) {
    at = scan::find(text, at, inner_);
    if (at == std::string_view::npos) return {at, at};
    std::size_t begin = at;
    while (begin > least && run.set.contains(text[begin - 1])) --begin;
    const std::size_t place = begin - prefix_.size();
    if (at - begin >= run.least &&
        scan::equal(text.data() + place, prefix_.data(), prefix_.size())) {
      return {place, at};
    }
  }
}

// The next place where a match may begin; npos.
inline sequence_program::start sequence_program::next_start(std::string_view text,
                                                            std::size_t from) const {
  if (!inner_.empty()) return next_start_before_inner(text, from);
  if (!prefix_.empty()) return {scan::find(text, from, prefix_), 0};
  if (!has_first_) return {from, 0};
  const std::size_t place = first_.find(text, from);
  return {place < text.size() ? place : std::string_view::npos, 0};
}

sequence_outcome sequence_program::run(std::string_view text, std::size_t start_at,
                                       std::uint64_t& work, std::size_t* spans) const {
  attempt now{text, spans, work};
  const auto end = [&](sequence_outcome got) {
    work = now.work;
    return got;
  };
  for (std::size_t from = start_at; from + least_ <= text.size(); ++from) {
    const start found = next_start(text, from);
    if (found.place == std::string_view::npos) break;
    if (!now.take(1 + (found.place - from) / block)) return end(sequence_outcome::spent);
    if (match_from(now, items_.data() + known_, pass_known(now, found))) {
      spans[0] = found.place;
      return end(sequence_outcome::matched);
    }
    if (now.work == 0) return end(sequence_outcome::spent);
    from = found.place;
    if (skips_run_) from = leading_.find_end(text, from);
  }
  return end(sequence_outcome::none);
}

}  // namespace ref::detail
