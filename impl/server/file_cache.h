// Files below the document root, as they are served: opened safely, described once, kept for a
// while.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "impl/base/file_descriptor.h"
#include "impl/server/folder.h"

namespace ref::server {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string http_date(std::time_t when);

/// A whole answer, head and body, which stays true as long as its Date does. Whoever sends it has a
/// share in it.
struct kept_answer {
  std::string date;
  std::shared_ptr<const std::string> bytes;  ///< null: none was made yet
};

/// A regular file at one moment. Small ones are held in memory, others as a descriptor.
struct served_file {
  std::uint64_t size = 0;
  std::time_t modified = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;  ///< for telling whether it changed
  std::string etag;              ///< with its quotes
  std::string last_modified;
  /// The fields that describe it, each with its CRLF: type, length, validators.
  std::string fields;
  std::string content;  ///< all of it when `in_memory`
  bool in_memory = false;
  file_descriptor descriptor;  ///< otherwise
  /// To a plain GET, if it is in memory: what most clients ask for is made once a second.
  mutable kept_answer plain;
};

enum class open_status { found, absent, no_descriptor };

struct opened_file {
  open_status status = open_status::absent;
  std::shared_ptr<const served_file> file;
};

/// Not for several threads. A change on disk is seen by the next round of requests.
class file_cache {
 public:
  /// Throws std::system_error when the root is no directory that can be opened.
  explicit file_cache(const std::string& root);
  explicit file_cache(folder root);

  /// A regular file by its path below the root. Nothing outside of the root is ever opened, neither
  /// through ".." nor through symbolic links. Directories and special files are absent.
  /// `round` is the moment that the caller took all its work at: a file is looked at once a round.
  opened_file open(const std::string& path, std::chrono::steady_clock::time_point round);

 private:
  static constexpr std::size_t most_entries = 512;
  // From here on sendfile(2), which hands over the pages themselves, takes less than a copy.
  static constexpr std::uint64_t small_file = 16 * 1024;
  // Of contents; answers that are kept take up to as much again.
  static constexpr std::uint64_t most_memory = 4 << 20;

  struct entry {
    std::string path;
    std::shared_ptr<const served_file> file;
    std::chrono::steady_clock::time_point checked;
    bool is_settled;  ///< a further change will show in the time of modification
  };

  bool is_unchanged(const std::string& path, const served_file& file) const;
  static std::shared_ptr<const served_file> take(const std::string& path,
                                                 file_descriptor descriptor,
                                                 const struct stat& status);
  void forget(std::list<entry>::iterator which);
  bool forget_a_descriptor();

  folder root_;
  std::list<entry> entries_;  // the last used first
  std::unordered_map<std::string_view, std::list<entry>::iterator> places_;
  std::uint64_t memory_ = 0;
};

}  // namespace ref::server
