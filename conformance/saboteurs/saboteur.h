// Saboteurs: deliberately wrong testees, which test the tests. Each breaks one requirement, and the
// spec must fail it there.
//
//   SABOTEUR("queue.get/returns-the-oldest", "last-first", "takes the newest item") {
//     to.replace("queue.get", [](const handler& get, const json& params) -> json { … });
//   }
//
// `to` is the reference's adapter with all of its handlers; the body replaces one or a few. The
// program `assay-saboteur SLUG+NAME` then serves as a testee: `assay check saboteur:SLUG+NAME`.
// A wrong server is not made of handlers: see wrong_server.h, and the program
// `assay-wrong-server SLUG+NAME PORT ROOT`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/sdk/cpp/adapter.h"

namespace assay::saboteurs {

using sdk::handler;
using sdk::json;
using sdk::raised;

struct saboteur {
  std::string requirement;  ///< slug of what it breaks
  std::string name;
  std::string summary;  ///< what it does wrong
  void (*apply)(sdk::adapter& to) = nullptr;
};

/// All that are linked in, by requirement and name.
std::vector<saboteur> all_saboteurs();

class registration {
 public:
  registration(const char* requirement, const char* name, const char* summary,
               void (*apply)(sdk::adapter& to));
};

}  // namespace assay::saboteurs

#define ASSAY_JOIN_(a, b) a##b
#define ASSAY_JOIN(a, b) ASSAY_JOIN_(a, b)

#define SABOTEUR(requirement, name, summary)                                     \
  static void ASSAY_JOIN(sabotage_, __LINE__)(::assay::sdk::adapter & to);       \
  static const ::assay::saboteurs::registration ASSAY_JOIN(saboteur_, __LINE__)( \
      requirement, name, summary, &ASSAY_JOIN(sabotage_, __LINE__));             \
  static void ASSAY_JOIN(sabotage_, __LINE__)([[maybe_unused]] ::assay::sdk::adapter & to)
