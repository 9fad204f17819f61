#include "impl/regex/regex.h"

#include <algorithm>

#include "impl/base/utf8.h"
#include "impl/regex/program.h"
#include "impl/regex/replacement.h"

namespace ref {
namespace {

using detail::match_mode;

}  // namespace

std::optional<span> match::group_span(std::size_t group) const {
  const auto bytes = byte_span(group);
  if (!bytes || !subject_) return bytes;
  return span(subject_->code_point_at(bytes->first), subject_->code_point_at(bytes->second));
}

std::optional<std::string_view> match::group(std::string_view name) const {
  if (!program_) throw std::out_of_range("no such group");
  const auto found = program_->groupindex().find(std::string(name));
  if (found == program_->groupindex().end()) throw std::out_of_range("no such group");
  return group(found->second);
}

regex::regex(std::string_view pattern, regex_flags flags)
    : program_(detail::compiled(pattern, flags)) {}

std::size_t regex::groups() const { return program_->groups(); }

const std::map<std::string, std::size_t>& regex::groupindex() const {
  return program_->groupindex();
}

std::string_view regex::engine() const {
  return program_->has_linear_engine(detail::text_kind::ascii) ? "pcre2+re2" : "pcre2";
}

void regex::set(match& found, const detail::subject& text) const {
  // Counting an owner takes two locked instructions where there are threads.
  if (!program_->groupindex().empty()) found.program_ = program_;
  if (text.kind == detail::text_kind::utf8) {
    found.subject_ = std::make_shared<const detail::subject>(text.bytes, text.kind);
  }
  found.text_ = text.bytes;
}

void regex::walk(std::string_view text, callback each, const void* to) const {
  const detail::subject subject(text);
  detail::budget spent(text.size());
  match found(program_->groups());
  const std::span<std::size_t> offsets = found.offsets_.all();
  if (!program_->find(subject, 0, false, spent, offsets)) return;
  set(found, subject);
  // Behind a match that is not empty an empty one may follow; at the place of an empty match only
  // one that is not.
  do {
    if (!each(to, found)) return;
  } while (program_->find(subject, offsets[1], offsets[0] == offsets[1], spent, offsets));
}

std::optional<match> regex::run_once(std::string_view text, int mode) const {
  const detail::subject subject(text);
  detail::budget spent(text.size());
  std::optional<match> found(match(program_->groups()));
  if (program_->run(subject, 0, static_cast<match_mode>(mode), false, spent,
                    found->offsets_.all())) {
    set(*found, subject);
  } else {
    found.reset();
  }
  return found;
}

std::optional<match> regex::match_start(std::string_view text) const {
  return run_once(text, static_cast<int>(match_mode::start));
}

std::optional<match> regex::search(std::string_view text) const {
  return run_once(text, static_cast<int>(match_mode::search));
}

std::optional<match> regex::fullmatch(std::string_view text) const {
  return run_once(text, static_cast<int>(match_mode::full));
}

std::vector<match> regex::finditer(std::string_view text) const {
  std::vector<match> all;
  for_each(text, [&](const match& each) {
    all.push_back(each);
    return true;
  });
  return all;
}

std::vector<std::vector<std::string_view>> regex::findall(std::string_view text) const {
  std::vector<std::vector<std::string_view>> all;
  for_each(text, [&](const match& each) {
    std::vector<std::string_view> row;
    row.reserve(std::max<std::size_t>(groups(), 1));
    for (std::size_t i = groups() == 0 ? 0 : 1; i <= groups(); ++i) {
      row.push_back(each.group(i).value_or(std::string_view()));
    }
    all.push_back(std::move(row));
    return true;
  });
  return all;
}

template <typename Append>
substitution regex::substitute(std::string_view text, std::size_t count, Append&& append) const {
  substitution done;
  done.text.reserve(text.size());
  std::size_t copied = 0;
  for_each(text, [&](const match& each) {
    const span whole = *each.byte_span(0);
    done.text.append(text, copied, whole.first - copied);
    append(each, done.text);
    copied = whole.second;
    ++done.count;
    return count == 0 || done.count < count;
  });
  done.text.append(text, copied);
  return done;
}

substitution regex::sub(const std::function<std::string(const match&)>& replacement,
                        std::string_view text, std::size_t count) const {
  return substitute(text, count,
                    [&](const match& found, std::string& to) { to += replacement(found); });
}

substitution regex::sub(std::string_view replacement, std::string_view text,
                        std::size_t count) const {
  if (detail::is_literal_replacement(replacement)) {
    return substitute(text, count, [&](const match&, std::string& to) { to += replacement; });
  }
  const auto pieces = detail::parse_replacement(replacement, groups(), groupindex());
  return substitute(
      text, count, [&](const match& found, std::string& to) { detail::expand(pieces, found, to); });
}

std::vector<std::optional<std::string_view>> regex::split(std::string_view text,
                                                          std::size_t maxsplit) const {
  std::vector<std::optional<std::string_view>> pieces;
  std::size_t from = 0;
  std::size_t done = 0;
  for_each(text, [&](const match& each) {
    const span whole = *each.byte_span(0);
    pieces.push_back(text.substr(from, whole.first - from));
    for (std::size_t i = 1; i <= groups(); ++i) pieces.push_back(each.group(i));
    from = whole.second;
    ++done;
    return maxsplit == 0 || done < maxsplit;
  });
  pieces.push_back(text.substr(from));
  return pieces;
}

}  // namespace ref
