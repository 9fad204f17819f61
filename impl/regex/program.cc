#include "impl/regex/program.h"

#include <algorithm>
#include <list>
#include <unordered_map>
#include <utility>

#include "impl/base/utf8.h"
#include "impl/regex/explosive.h"
#include "impl/regex/parser.h"
#include "impl/regex/scan.h"

namespace ref::detail {
namespace {

constexpr std::size_t block = 64;
constexpr std::size_t longest_pattern = 1 << 20;
constexpr std::size_t utf8_longest = 4;  // bytes of a code point

// Budgets. Where RE2 stands behind, giving up early costs little; where nothing does, it is an
// error.
constexpr std::uint32_t quick_work = 5000;
constexpr std::uint32_t quick_work_a_byte = 16;
constexpr std::uint32_t patient_work = 20'000'000;
constexpr std::chrono::nanoseconds quick_time = std::chrono::milliseconds(2);
constexpr std::chrono::nanoseconds quick_time_a_byte{20};
constexpr std::chrono::nanoseconds patient_time = std::chrono::seconds(2);
constexpr std::chrono::nanoseconds patient_time_a_byte{500};

// A search that may fail at each place only after a long walk is cut into windows of starting
// places, between which the clock is read.
constexpr std::size_t first_window = 1024;
// The first window is tried with little work and, most times, without looking at the clock.
constexpr std::uint32_t first_work = 2000;
constexpr unsigned tries_a_measurement = 16;
constexpr std::size_t largest_window = 16384;
// In a text so short, RE2 is done before an explosion has met its budget.
constexpr std::size_t short_text = 1024;

std::uint32_t work_for(std::size_t size, bool has_linear_engine) {
  if (!has_linear_engine) return patient_work;
  const std::size_t work = quick_work + quick_work_a_byte * size;
  return static_cast<std::uint32_t>(std::min<std::size_t>(work, patient_work));
}

std::size_t boundary_at(std::string_view text, std::size_t offset) {
  while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xc0) == 0x80) {
    ++offset;
  }
  return std::min(offset, text.size());
}

}  // namespace

text_kind subject::checked_utf8(std::string_view text) {
  if (!utf8::is_valid(text)) throw std::invalid_argument("the text is not valid UTF-8");
  return text_kind::utf8;
}

std::size_t subject::code_point_at(std::size_t offset) const {
  if (kind == text_kind::ascii) return offset;
  std::call_once(counted_, [this] {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < bytes.size(); i += block) {
      counts_.push_back(count);
      count += static_cast<std::uint32_t>(utf8::length(bytes.substr(i, block)));
    }
    counts_.push_back(count);
  });
  const std::size_t start = offset / block * block;
  return counts_[offset / block] + utf8::length(bytes.substr(start, offset - start));
}

program::program(std::string_view pattern, regex_flags flags) {
  if (!utf8::is_valid(pattern)) throw std::invalid_argument("the pattern is not valid UTF-8");
  if (pattern.size() > longest_pattern) throw limit_exceeded("the pattern is longer than 1 MiB");
  try {
    tree_ = parse(utf8::decode(pattern), flags);
  } catch (const syntax_error& error) {
    throw pattern_error(error.message, error.position);
  }
  literal_ = required_literal_of(*tree_.root);
  ending_ = required_ending::of(*tree_.root);
  if (auto plan = plan_sequence(tree_)) sequence_.emplace(std::move(*plan));
  is_explosive_ = is_explosive(*tree_.root);
  for (text_kind kind : {text_kind::ascii, text_kind::utf8}) {
    variant& one = variants_[static_cast<int>(kind)];
    one.re2_text = to_re2(tree_, kind);
    one.has_re2 = one.re2_text.has_value();
  }
  // Finds what only the engine can refuse, such as look-behinds of no fixed width, here and now.
  to_pcre2(tree_, text_kind::utf8);
}

bool program::has_linear_engine(text_kind kind) const { return re2_for(kind) != nullptr; }

const pcre2_program& program::pcre2_for(text_kind kind, match_mode mode) const {
  const variant& one = variants_[static_cast<int>(kind)];
  const int which = static_cast<int>(mode);
  std::call_once(one.pcre2_made[which], [&] {
    one.pcre2[which] = std::make_unique<pcre2_program>(to_pcre2(tree_, kind), kind, mode);
  });
  return *one.pcre2[which];
}

const re2_program* program::re2_for(text_kind kind) const {
  const variant& one = variants_[static_cast<int>(kind)];
  if (!one.has_re2) return nullptr;
  std::call_once(one.re2_made, [&] { one.re2 = std::make_unique<re2_program>(*one.re2_text); });
  return one.re2->ok() ? one.re2.get() : nullptr;
}

bool program::run_re2(const subject& text, std::size_t start, match_mode mode, bool not_empty,
                      std::span<std::size_t> spans) const {
  const re2_program* linear = re2_for(text.kind);
  if (linear == nullptr || !linear->fits(text.bytes)) {
    throw limit_exceeded("the budget of work is spent, and the pattern has no linear-time form");
  }
  if (!linear->run(text.bytes, start, mode, spans)) return false;
  // RE2 cannot be asked for a match that is not empty; where it must not be, nothing is sure.
  if (not_empty && spans[0] == start && spans[1] == start) {
    throw limit_exceeded("the budget of work is spent among empty matches");
  }
  return true;
}

// Where a search is to begin, after the literal that every match holds; false: there is no match.
bool program::skip_to_literal(const subject& text, std::size_t& from, budget& spent) const {
  if (literal_.bytes.empty()) return true;
  if (spent.next_literal < from || !spent.has_literal) {
    spent.next_literal = scan::find(text.bytes, from, literal_.bytes);
    spent.has_literal = true;
  }
  if (spent.next_literal == std::string_view::npos) return false;
  const std::uint64_t most = literal_.most * (text.kind == text_kind::ascii ? 1 : utf8_longest);
  if (literal_.most != unlimited && spent.next_literal - from > most) {
    from = boundary_at(text.bytes, spent.next_literal - most);
  }
  return true;
}

// Most matches are near and cheap: one call of the engine, measured now and then.
pcre2_outcome program::try_near(const pcre2_program& fast, const subject& text, std::size_t from,
                                bool not_empty, budget& spent, std::span<std::size_t> spans) const {
  const std::size_t last =
      boundary_at(text.bytes, std::min(text.bytes.size(), from + first_window));
  if (++spent.tries % tries_a_measurement != 0) {
    return fast.run(text.bytes, from, last, not_empty, first_work, spans);
  }
  const auto began = std::chrono::steady_clock::now();
  const auto got = fast.run(text.bytes, from, last, not_empty, first_work, spans);
  spent.spent += tries_a_measurement * (std::chrono::steady_clock::now() - began);
  return got;
}

bool program::search(const subject& text, std::size_t start, bool not_empty, budget& spent,
                     std::span<std::size_t> spans, engine_choice choice) const {
  if (choice == engine_choice::sequence_only) {
    if (sequence_ && text.kind == text_kind::ascii) {
      const sequence_outcome got = run_sequence(text, start, spent, spans.data());
      if (got != sequence_outcome::spent) return got == sequence_outcome::matched;
    }
    throw limit_exceeded("not a plain sequence, or too much work for one");
  }
  const std::size_t size = text.bytes.size();
  std::size_t from = start;
  if (choice == engine_choice::automatic && !ending_.fits(text.bytes)) return false;
  if (!skip_to_literal(text, from, spent)) return false;
  not_empty = not_empty && from == start;
  const bool has_linear =
      choice == engine_choice::automatic && variants_[static_cast<int>(text.kind)].has_re2;
  if (is_explosive_ && has_linear && !not_empty && size <= short_text) {
    const re2_program* linear = re2_for(text.kind);
    if (linear != nullptr && linear->fits(text.bytes)) {
      return linear->run(text.bytes, from, match_mode::search, spans);
    }
  }
  const pcre2_program& fast = pcre2_for(text.kind, match_mode::search);
  const auto give_up = [&](bool must_not_be_empty) {
    if (has_linear) return run_re2(text, from, match_mode::search, must_not_be_empty, spans);
    throw limit_exceeded("the budget of work is spent, and the pattern has no linear-time form");
  };
  const auto allowed = has_linear ? quick_time + quick_time_a_byte * size
                                  : patient_time + patient_time_a_byte * size;
  const std::uint32_t work = work_for(size, has_linear);
  std::size_t window = first_window;
  auto got = try_near(fast, text, from, not_empty && from == start, spent, spans);
  for (;;) {
    if (got == pcre2_outcome::matched) return true;
    if (got == pcre2_outcome::none) return false;
    if (got == pcre2_outcome::out_of_range) {
      from = boundary_at(text.bytes, std::min(size, from + window) + 1);
      if (!skip_to_literal(text, from, spent)) return false;
      window = std::min(window * 2, largest_window);
    }
    if (spent.spent > allowed) return give_up(not_empty && from == start);
    const std::size_t last = boundary_at(text.bytes, std::min(size, from + window));
    const auto began = std::chrono::steady_clock::now();
    got = fast.run(text.bytes, from, last, not_empty && from == start, work, spans);
    spent.spent += std::chrono::steady_clock::now() - began;
    if (got == pcre2_outcome::spent) return give_up(not_empty && from == start);
  }
}

bool program::run(const subject& text, std::size_t start, match_mode mode, bool not_empty,
                  budget& spent, std::span<std::size_t> spans, engine_choice choice) const {
  if (choice == engine_choice::re2_only) return run_re2(text, start, mode, not_empty, spans);
  if (mode != match_mode::search) return match_here(text, start, mode, not_empty, spans, choice);
  return choice == engine_choice::automatic ? find(text, start, not_empty, spent, spans)
                                            : search(text, start, not_empty, spent, spans, choice);
}

bool program::match_here(const subject& text, std::size_t start, match_mode mode, bool not_empty,
                         std::span<std::size_t> spans, engine_choice choice) const {
  const bool has_linear =
      choice == engine_choice::automatic && variants_[static_cast<int>(text.kind)].has_re2;
  const std::size_t size = text.bytes.size();
  switch (pcre2_for(text.kind, mode)
              .run(text.bytes, start, size, not_empty, work_for(size, has_linear), spans)) {
    case pcre2_outcome::matched:
      return true;
    case pcre2_outcome::spent:
      if (has_linear) return run_re2(text, start, mode, not_empty, spans);
      throw limit_exceeded("the budget of work is spent, and the pattern has no linear-time form");
    default:
      return false;
  }
}

std::shared_ptr<const program> compiled(std::string_view pattern, regex_flags flags) {
  constexpr std::size_t kept = 256;
  struct entry {
    std::string key;
    std::shared_ptr<const program> value;
  };
  static std::mutex mutex;
  static std::list<entry> recent;  // the last used first
  static std::unordered_map<std::string_view, std::list<entry>::iterator> places;

  std::string key(1, static_cast<char>(flags));
  key += pattern;
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = places.find(key); found != places.end()) {
      recent.splice(recent.begin(), recent, found->second);
      return found->second->value;
    }
  }
  auto made = std::make_shared<const program>(pattern, flags);
  const std::scoped_lock lock(mutex);
  if (places.contains(key)) return made;
  recent.push_front({std::move(key), made});
  places.emplace(recent.front().key, recent.begin());
  if (recent.size() > kept) {
    places.erase(recent.back().key);
    recent.pop_back();
  }
  return made;
}

}  // namespace ref::detail
