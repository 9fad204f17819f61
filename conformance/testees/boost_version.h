// The version of Boost that an adapter is built with.
#pragma once

#include <boost/version.hpp>
#include <string>

namespace assay::testees {

/// As "1.81".
inline std::string boost_version() {
  std::string version = BOOST_LIB_VERSION;
  for (char& each : version) {
    if (each == '_') each = '.';
  }
  return version;
}

}  // namespace assay::testees
