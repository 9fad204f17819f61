#include "conformance/saboteurs/saboteur.h"

#include <algorithm>
#include <tuple>

namespace assay::saboteurs {
namespace {

std::vector<saboteur>& collected() {
  static std::vector<saboteur> all;
  return all;
}

}  // namespace

registration::registration(const char* requirement, const char* name, const char* summary,
                           void (*apply)(sdk::adapter& to)) {
  collected().push_back({requirement, name, summary, apply});
}

std::vector<saboteur> all_saboteurs() {
  auto sorted = collected();
  std::sort(sorted.begin(), sorted.end(), [](const saboteur& a, const saboteur& b) {
    return std::tie(a.requirement, a.name) < std::tie(b.requirement, b.name);
  });
  return sorted;
}

}  // namespace assay::saboteurs
