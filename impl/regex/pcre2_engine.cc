#include "impl/regex/pcre2_engine.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>
#include <new>
#include <stdexcept>

#include "impl/regex/regex.h"

namespace ref::detail {
namespace {

constexpr std::size_t jit_stack_start = 32 * 1024;
constexpr std::size_t jit_stack_most = 8 * 1024 * 1024;
constexpr std::uint32_t heap_limit_kib = 64 * 1024;

// What a thread needs to match; grows with the largest pattern that it has met.
class workspace {
 public:
  workspace() : context_(pcre2_match_context_create(nullptr)) {
    stack_ = pcre2_jit_stack_create(jit_stack_start, jit_stack_most, nullptr);
    if (context_ == nullptr || stack_ == nullptr) throw std::bad_alloc();
    pcre2_jit_stack_assign(context_, nullptr, stack_);
    pcre2_set_heap_limit(context_, heap_limit_kib);
  }
  ~workspace() {
    pcre2_match_data_free(data_);
    pcre2_jit_stack_free(stack_);
    pcre2_match_context_free(context_);
  }
  workspace(const workspace&) = delete;
  workspace& operator=(const workspace&) = delete;

  pcre2_match_context* context() { return context_; }
  void limit(std::uint32_t work, std::size_t last_start) {
    if (work != work_) pcre2_set_match_limit(context_, work_ = work);
    pcre2_set_offset_limit(context_, last_start);
  }
  pcre2_match_data* data(std::uint32_t pairs) {
    if (pairs > pairs_) {
      pcre2_match_data_free(data_);
      data_ = pcre2_match_data_create(pairs, nullptr);
      pairs_ = data_ == nullptr ? 0 : pairs;
      if (data_ == nullptr) throw std::bad_alloc();
    }
    return data_;
  }

 private:
  pcre2_match_context* context_;
  pcre2_jit_stack* stack_;
  pcre2_match_data* data_ = nullptr;
  std::uint32_t pairs_ = 0;
  std::uint32_t work_ = 0;
};

workspace& of_this_thread() {
  thread_local workspace mine;
  return mine;
}

std::string message_of(int error) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

pcre2_program::pcre2_program(const pcre2_source& source, text_kind kind, match_mode mode)
    : searches_(mode == match_mode::search) {
  // Line ends are line feeds alone, as in Python.
  std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  std::uint32_t options = PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C;
  if (kind == text_kind::utf8) options |= PCRE2_UTF;
  if (source.ucp) options |= PCRE2_UCP;
  if (source.caseless) options |= PCRE2_CASELESS;
  if (mode == match_mode::search) options |= PCRE2_USE_OFFSET_LIMIT;
  if (mode != match_mode::search) options |= PCRE2_ANCHORED;
  if (mode == match_mode::full) options |= PCRE2_ENDANCHORED;
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.pattern.data()), source.pattern.size(),
                        options, &error, &offset, context.get());
  if (code_ == nullptr) throw limit_exceeded("the pattern is too large: " + message_of(error));
  // Without JIT (a machine that forbids executable memory) the interpreter does the same.
  is_native_ = pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE) == 0;
}

pcre2_program::~pcre2_program() { pcre2_code_free(code_); }

pcre2_outcome pcre2_program::run(std::string_view text, std::size_t start, std::size_t last_start,
                                 bool not_empty, std::uint32_t work,
                                 std::span<std::size_t> spans) const {
  workspace& mine = of_this_thread();
  const auto pairs = static_cast<std::uint32_t>(spans.size() / 2);
  pcre2_match_data* data = mine.data(pairs);
  mine.limit(work, searches_ ? last_start : PCRE2_UNSET);
  // The native code itself takes no check and no anchor, which are in the program.
  const std::uint32_t options = not_empty ? PCRE2_NOTEMPTY_ATSTART : std::uint32_t{0};
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  const int got = is_native_ ? pcre2_jit_match(code_, subject, text.size(), start, options, data,
                                               mine.context())
                             : pcre2_match(code_, subject, text.size(), start,
                                           options | PCRE2_NO_UTF_CHECK, data, mine.context());
  if (got == PCRE2_ERROR_NOMATCH) {
    return searches_ && last_start < text.size() ? pcre2_outcome::out_of_range
                                                 : pcre2_outcome::none;
  }
  if (got < 0) {
    if (got == PCRE2_ERROR_MATCHLIMIT || got == PCRE2_ERROR_DEPTHLIMIT ||
        got == PCRE2_ERROR_HEAPLIMIT || got == PCRE2_ERROR_JIT_STACKLIMIT ||
        got == PCRE2_ERROR_NOMEMORY) {
      return pcre2_outcome::spent;
    }
    throw std::runtime_error("PCRE2: " + message_of(got));
  }
  const PCRE2_SIZE* found = pcre2_get_ovector_pointer(data);
  for (std::uint32_t i = 0; i < pairs; ++i) {
    const bool is_set = i < static_cast<std::uint32_t>(got) && found[2 * i] != PCRE2_UNSET;
    spans[2 * i] = is_set ? found[2 * i] : unset;
    spans[2 * i + 1] = is_set ? found[2 * i + 1] : unset;
  }
  return pcre2_outcome::matched;
}

}  // namespace ref::detail
