#include "conformance/harness/scratch_directory.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace assay {

scratch_directory::scratch_directory() {
  // sun_path holds 108 bytes, and the socket's name comes behind this one.
  constexpr std::size_t longest = 60;
  const char* variable = std::getenv("TMPDIR");
  std::string name = variable != nullptr && *variable == '/' ? variable : "/tmp";
  if (name.size() > longest) name = "/tmp";
  name += "/assay-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  }
  path_ = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace assay
