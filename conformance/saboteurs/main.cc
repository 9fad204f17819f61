// assay-saboteur SLUG+NAME: the reference's adapter with one fault. --list: all of them as JSON.
#include <algorithm>
#include <iostream>
#include <set>

#include "conformance/saboteurs/saboteur.h"
#include "conformance/saboteurs/wrong_crawler.h"
#include "conformance/saboteurs/wrong_messenger.h"
#include "conformance/saboteurs/wrong_server.h"
#include "conformance/testees/reference/reference.h"

namespace {

using assay::saboteurs::saboteur;

int list() {
  assay::sdk::json all = assay::sdk::json::array();
  std::set<std::string> variants;
  bool is_unique = true;
  const auto add = [&](const std::string& requirement, const std::string& name,
                       const std::string& summary, const char* kind) {
    if (!variants.insert(requirement + "+" + name).second) {
      std::cerr << "assay-saboteur: " << requirement << "+" << name << " is there twice\n";
      is_unique = false;
    }
    all.push_back({{"requirement", requirement},
                   {"name", name},
                   {"summary", summary},
                   {"area", requirement.substr(0, requirement.find('.'))},
                   {"kind", kind}});
  };
  for (const saboteur& each : assay::saboteurs::all_saboteurs()) {
    add(each.requirement, each.name, each.summary, "adapter");
  }
  for (const auto& each : assay::saboteurs::server_faults()) {
    add(each.requirement, each.name, each.summary, "server");
  }
  for (const auto& each : assay::saboteurs::crawler_faults()) {
    add(each.requirement, each.name, each.summary, "crawler");
  }
  for (const auto& each : assay::saboteurs::messenger_faults()) {
    add(each.requirement, each.name, each.summary, "messenger");
  }
  if (!is_unique) return 1;
  std::cout << all.dump(1) << std::endl;
  return std::cout ? 0 : 1;
}

int serve(const std::string& variant) {
  const auto all = assay::saboteurs::all_saboteurs();
  const auto found = std::find_if(all.begin(), all.end(), [&](const saboteur& each) {
    return each.requirement + "+" + each.name == variant;
  });
  // Where the server is wrong the adapter is right.
  const auto& faults = assay::saboteurs::server_faults();
  const bool is_server = std::any_of(faults.begin(), faults.end(), [&](const auto& each) {
    return std::string(each.requirement) + "+" + each.name == variant;
  });
  if (found == all.end() && !is_server) {
    std::cerr << "assay-saboteur: there is no saboteur '" << variant << "'\n";
    return 2;
  }
  // Never destroyed: daemon threads may use it while the program ends.
  static auto* const adapter = new assay::sdk::adapter{"saboteur " + variant, "1", "C++"};
  assay::testees::add_reference_ops(*adapter);
  if (found != all.end()) found->apply(*adapter);
  return adapter->run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: assay-saboteur --list | SLUG+NAME\n";
    return 2;
  }
  const std::string argument = argv[1];
  return argument == "--list" ? list() : serve(argument);
}
