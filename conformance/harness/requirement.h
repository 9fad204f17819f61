// A requirement is a GoogleTest test with its sentence above it.
//
//   REQUIREMENT(queue_get, timeout_raises_empty, must,
//       "get with a timeout raises Empty once the timeout has passed, never before it",
//       covers("QUE-09"), python_docs("multiprocessing.Queue.get")) {
//     auto queue = open_queue({.maxsize = 1});
//     EXPECT_THAT(queue.get({.timeout = 50ms}), raised("Empty").after(at_least(50ms)));
//   }
//
// The slug is derived from the two names: the first underscore of the first becomes a dot, every
// other underscore a hyphen, and a slash joins them: `queue.get/timeout-raises-empty`.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class level { must, should, may };

std::string_view to_string(level value);

/// Claims of the notes (`claims.toml`) that a requirement covers.
struct covers {
  template <typename... Ids>
  explicit covers(Ids... ids) : claims{std::string(ids)...} {}
  std::vector<std::string> claims;
};

/// Where a requirement comes from: a standard, a manual page, a documentation page.
struct source {
  std::string text;
  std::string url;  ///< empty where there is none
};

/// `rfc(9112, "6.3")` is "RFC 9112, section 6.3".
source rfc(int number, std::string_view section);
/// `man("epoll_wait(2)")`.
source man(std::string_view page);
/// `python_docs("multiprocessing.Queue.get")`: the module is the part before the first dot.
source python_docs(std::string_view name);
/// The study notes themselves, for what only they ask for.
source notes(std::string_view section);

/// What the notes say that is wrong on real systems, and what was observed instead.
struct erratum {
  explicit erratum(std::string sentence) : text(std::move(sentence)) {}
  std::string text;
};

struct requirement {
  std::string suite;  ///< GoogleTest suite, `queue_get`
  std::string name;   ///< GoogleTest name, `timeout_raises_empty`
  std::string slug;
  std::string area;  ///< the part of the slug before the dot
  assay::level level = assay::level::must;
  std::string sentence;
  std::vector<source> sources;
  std::vector<std::string> covers;
  std::string erratum;
  std::string file;
  int line = 0;
};

/// All requirements linked into the program, by area and then in the order of their declaration.
const std::vector<requirement>& requirements();

/// The requirement with this slug, or null.
const requirement* find_requirement(std::string_view slug);

/// Ends the running requirement with the verdict "not here": this machine lacks what it needs, so
/// the testee is not judged. `why` is a sentence for whoever reads the report. What was seen before
/// stays: a requirement that failed has failed.
[[noreturn]] void not_here(const std::string& why);

namespace detail {

class registration {
 public:
  template <typename... Parts>
  registration(const char* suite, const char* name, level required, const char* file, int line,
               std::string sentence, Parts... parts)
      : requirement_(begin(suite, name, required, file, line, std::move(sentence))) {
    (add(std::move(parts)), ...);
    finish();
  }
  const std::string& slug() const { return requirement_.slug; }

 private:
  static requirement begin(const char* suite, const char* name, level required, const char* file,
                           int line, std::string sentence);
  void add(covers part);
  void add(source part);
  void add(erratum part);
  void finish();  // registers; ends the program if the slug is taken or no source is given

  requirement requirement_;
};

/// Runs a body in the context of the testee under test and turns its ending into a verdict.
void run_body(const registration& what, void (*body)());

}  // namespace detail
}  // namespace assay

#define REQUIREMENT(suite, name, required_level, ...)                                  \
  static void suite##_##name##_body();                                                 \
  static const ::assay::detail::registration suite##_##name##_registration(            \
      #suite, #name, ::assay::level::required_level, __FILE__, __LINE__, __VA_ARGS__); \
  TEST(suite, name) {                                                                  \
    ::assay::detail::run_body(suite##_##name##_registration, suite##_##name##_body);   \
  }                                                                                    \
  static void suite##_##name##_body()
