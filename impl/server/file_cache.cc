#include "impl/server/file_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "impl/base/system_call.h"
#include "impl/server/path.h"

namespace ref::server {
namespace {

bool is_same(const served_file& file, const struct stat& now) {
  return file.inode == now.st_ino && file.device == now.st_dev &&
         file.size == static_cast<std::uint64_t>(now.st_size) &&
         file.modified == now.st_mtim.tv_sec && file.modified_ns == now.st_mtim.tv_nsec;
}

bool read_all(int descriptor, std::string& content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = retry_interrupted([&] {
      return ::pread(descriptor, content.data() + done, content.size() - done,
                     static_cast<off_t>(done));
    });
    if (got <= 0) return false;  // it shrank: the descriptor will do
    done += static_cast<std::size_t>(got);
  }
  return true;
}

std::shared_ptr<served_file> describe(const std::string& path, const struct stat& now) {
  auto file = std::make_shared<served_file>();
  file->size = static_cast<std::uint64_t>(now.st_size);
  file->modified = now.st_mtim.tv_sec;
  file->modified_ns = now.st_mtim.tv_nsec;
  file->device = now.st_dev;
  file->inode = now.st_ino;
  char tag[64];
  std::snprintf(tag, sizeof tag, "\"%llx-%llx-%lx\"", static_cast<unsigned long long>(now.st_ino),
                static_cast<unsigned long long>(now.st_size),
                static_cast<unsigned long>(now.st_mtim.tv_sec * 1000000000L + now.st_mtim.tv_nsec));
  file->etag = tag;
  file->last_modified = http_date(now.st_mtim.tv_sec);
  file->fields = "Content-Type: ";
  file->fields += mime_type(path);
  file->fields += "\r\nLast-Modified: " + file->last_modified + "\r\nETag: " + file->etag +
                  "\r\nAccept-Ranges: bytes\r\n";
  return file;
}

}  // namespace

std::string http_date(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday],
                parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text;
}

file_cache::file_cache(const std::string& root) : root_(root) {}

file_cache::file_cache(folder root) : root_(std::move(root)) {}

void file_cache::forget_oldest() {
  const entry& oldest = entries_.back();
  memory_ -= oldest.file->content.size();
  places_.erase(oldest.path);
  entries_.pop_back();
}

// Follows links out of the root, if there are any; then it finds another file than the one that was
// opened within.
bool file_cache::is_unchanged(const std::string& path, const served_file& file) const {
  struct stat now {};
  return ::fstatat(root_.descriptor(), path.c_str(), &now, 0) == 0 && is_same(file, now);
}

opened_file file_cache::open(const std::string& path, std::chrono::steady_clock::time_point round) {
  const auto known = places_.find(path);
  if (known != places_.end() &&
      (known->second->checked == round || is_unchanged(path, *known->second->file))) {
    known->second->checked = round;
    entries_.splice(entries_.begin(), entries_, known->second);
    return {open_status::found, known->second->file};
  }
  int error = 0;
  file_descriptor descriptor = root_.open(path, error);
  if (!descriptor) {
    const bool exhausted = error == EMFILE || error == ENFILE || error == ENOMEM;
    return {exhausted ? open_status::no_descriptor : open_status::absent, nullptr};
  }
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  if (known != places_.end()) {
    if (is_same(*known->second->file, status)) {
      known->second->checked = round;
      return {open_status::found, known->second->file};
    }
    memory_ -= known->second->file->content.size();
    const auto place = known->second;
    places_.erase(known);
    entries_.erase(place);
  }
  auto file = describe(path, status);
  if (file->size <= small_file) {
    file->content.resize(file->size);
    file->in_memory = read_all(descriptor.get(), file->content);
  }
  if (!file->in_memory) {
    file->content.clear();
    file->descriptor = std::move(descriptor);
  }
  memory_ += file->content.size();
  entries_.push_front({path, file, round});
  places_.emplace(entries_.front().path, entries_.begin());
  while (entries_.size() > most_entries || (memory_ > most_memory && entries_.size() > 1)) {
    forget_oldest();
  }
  return {open_status::found, std::move(file)};
}

}  // namespace ref::server
