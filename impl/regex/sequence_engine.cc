#include "impl/regex/sequence_engine.h"

#include <algorithm>
#include <utility>

#include "impl/regex/scan.h"

namespace ref::detail {
namespace {

constexpr std::size_t block = 32;      // bytes that are looked at in one step
constexpr std::size_t steps_back = 4;  // bytes that are gone back over for the same

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

inline std::size_t sequence_program::find_end(const item& run, std::string_view text,
                                              std::size_t from) {
  return run.is_long ? run.set.find_far_end(text, from) : run.set.find_end(text, from);
}

// The last place before `end` where what follows a run can stand; npos.
inline std::size_t sequence_program::find_next_before(const attempt& now, const item& run,
                                                      std::size_t from, std::size_t end) {
  if (!run.is_next_one) return run.next.find_last(now.text, from, end);
  return scan::find_last(now.text, from, end, run.next_byte);
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
    if (run.has_next) end = find_next_before(now, run, shortest, before);
    if (end == std::string_view::npos) return false;
    if (!now.take(1 + (before - end) / steps_back)) return false;
    now.mark(run, place, end);
    if (match_from(now, &run + 1, end)) return true;
  }
  return false;
}

// Goes through the items from `at` on; recurs only where a run may have to be tried again.
bool sequence_program::match_from(attempt& now, const item* at, std::size_t place) const {
  for (const item* const last = plan_.items.data() + plan_.items.size(); at != last; ++at) {
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
  for (const sequence_plan::mark& each : plan_.known_marks) {
    now.spans[each.slot] = (each.is_behind_run ? found.run_end : found.place) + each.distance;
  }
  return (plan_.inner.empty() ? found.place + plan_.prefix.size()
                              : found.run_end + plan_.inner.size());
}

inline sequence_program::start sequence_program::next_start_before_inner(std::string_view text,
                                                                         std::size_t from) const {
  const item& run = plan_.items[plan_.inner_run];
  const std::size_t least = from + plan_.prefix.size();  // where the first run could begin
  for (std::size_t at = least;; ++at) {
    at = scan::find(text, at, plan_.inner);
    if (at == std::string_view::npos) return {at, at};
    std::size_t begin = at;
    while (begin > least && run.set.contains(text[begin - 1])) --begin;
    const std::size_t place = begin - plan_.prefix.size();
    if (at - begin >= run.least &&
        scan::equal(text.data() + place, plan_.prefix.data(), plan_.prefix.size())) {
      return {place, at};
    }
  }
}

// The next place where a match may begin; npos.
inline sequence_program::start sequence_program::next_start(std::string_view text,
                                                            std::size_t from) const {
  if (!plan_.inner.empty()) return next_start_before_inner(text, from);
  if (!plan_.prefix.empty()) return {scan::find(text, from, plan_.prefix), 0};
  if (!plan_.has_first) return {from, 0};
  const std::size_t place = plan_.first.find(text, from);
  return {place < text.size() ? place : std::string_view::npos, 0};
}

sequence_outcome sequence_program::run(std::string_view text, std::size_t start_at,
                                       std::uint64_t& work, std::size_t* spans) const {
  attempt now{text, spans, work};
  const auto end = [&](sequence_outcome got) {
    work = now.work;
    return got;
  };
  for (std::size_t from = start_at; from + plan_.least <= text.size(); ++from) {
    const start found = next_start(text, from);
    if (found.place == std::string_view::npos) break;
    if (!now.take(1 + (found.place - from) / block)) return end(sequence_outcome::spent);
    const std::size_t end_of_known = pass_known(now, found);
    spans[1] = end_of_known;
    if (plan_.is_all_known || match_from(now, plan_.items.data() + plan_.known, end_of_known)) {
      spans[0] = found.place;
      return end(sequence_outcome::matched);
    }
    if (now.work == 0) return end(sequence_outcome::spent);
    from = found.place;
    if (plan_.skips_run) from = plan_.leading.find_end(text, from);
  }
  return end(sequence_outcome::none);
}

}  // namespace ref::detail
