#include "impl/server/file_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iterator>
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

// File systems take the time from a clock that ticks every few milliseconds: what is written again
// within a tick and keeps its size looks unchanged.
bool changed_just_now(const struct stat& status) {
  constexpr std::int64_t ticks = 100'000'000;  // ns
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t seconds = now.tv_sec - status.st_mtim.tv_sec;
  if (seconds < -1 || seconds > 1) return false;
  const std::int64_t age = seconds * 1'000'000'000 + now.tv_nsec - status.st_mtim.tv_nsec;
  return age > -ticks && age < ticks;
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

void file_cache::forget(std::list<entry>::iterator which) {
  memory_ -= which->file->content.size();
  places_.erase(which->path);
  entries_.erase(which);
}

// The one that was not used for the longest; it is closed once no answer needs it any more.
bool file_cache::forget_a_descriptor() {
  for (auto each = entries_.end(); each != entries_.begin();) {
    --each;
    if (each->file->in_memory) continue;
    forget(each);
    return true;
  }
  return false;
}

// Follows links out of the root, if there are any; then it finds another file than the one that was
// opened within.
bool file_cache::is_unchanged(const std::string& path, const served_file& file) const {
  struct stat now {};
  return ::fstatat(root_.descriptor(), path.c_str(), &now, 0) == 0 && is_same(file, now);
}

std::shared_ptr<const served_file> file_cache::take(const std::string& path,
                                                    file_descriptor descriptor,
                                                    const struct stat& status) {
  auto file = describe(path, status);
  if (file->size <= small_file) {
    file->content.resize(file->size);
    file->in_memory = read_all(descriptor.get(), file->content);
  }
  if (!file->in_memory) {
    file->content.clear();
    file->descriptor = std::move(descriptor);
  }
  return file;
}

opened_file file_cache::open(const std::string& path, std::chrono::steady_clock::time_point round) {
  auto known = places_.find(path);
  if (known != places_.end()) {
    entry& place = *known->second;
    if (place.checked == round || (place.is_settled && is_unchanged(path, *place.file))) {
      place.checked = round;
      entries_.splice(entries_.begin(), entries_, known->second);
      return {open_status::found, place.file};
    }
  }
  int error = 0;
  file_descriptor descriptor = root_.open(path, error);
  const auto is_exhausted = [&] {
    return !descriptor && (error == EMFILE || error == ENFILE || error == ENOMEM);
  };
  if (is_exhausted()) {
    if (known != places_.end() && is_unchanged(path, *known->second->file)) {
      return {open_status::found, known->second->file};
    }
    while (is_exhausted() && forget_a_descriptor()) descriptor = root_.open(path, error);
    known = places_.find(path);
  }
  if (!descriptor) {
    if (known != places_.end()) forget(known->second);
    return {is_exhausted() ? open_status::no_descriptor : open_status::absent, nullptr};
  }
  if (known != places_.end()) forget(known->second);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const bool is_settled = !changed_just_now(status);
  auto file = take(path, std::move(descriptor), status);
  memory_ += file->content.size();
  entries_.push_front({path, file, round, is_settled || !file->in_memory});
  places_.emplace(entries_.front().path, entries_.begin());
  while (entries_.size() > most_entries || (memory_ > most_memory && entries_.size() > 1)) {
    forget(std::prev(entries_.end()));
  }
  return {open_status::found, std::move(file)};
}

}  // namespace ref::server
