#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "impl/base/file_descriptor.h"
#include "impl/crawler/crawler.h"

namespace ref::crawler {
namespace {

struct image {
  std::string address;
  std::filesystem::path file;
  int tries = 0;
};

enum class came { whole, empty, not_at_all };

class downloader {
 public:
  downloader(const options& how, const parts& with) : how_(how), with_(with) {}

  // The images of one page; those whose answers were empty once more at the end.
  void download(std::vector<image> wanted) {
    while (!wanted.empty() && !is_over()) {
      rest_if_due();
      std::vector<image> again;
      std::atomic<std::size_t> next = 0;
      const auto work = [&](fetcher& web) {
        for (;;) {
          const std::size_t mine = next++;
          if (mine >= wanted.size() || is_over()) return;
          note(wanted[mine], fetch(web, wanted[mine]), again);
        }
      };
      const std::size_t count = std::min(wanted.size(), static_cast<std::size_t>(how_.threads));
      // Kept from page to page, with their connections.
      while (webs_.size() < count) {
        webs_.emplace_back(fetch_options{how_.timeout, how_.user_agent,
                                         how_.referer.empty() ? how_.url : how_.referer});
      }
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work, std::ref(webs_[i]));
      for (auto& each : threads) each.join();
      wanted = std::move(again);
    }
  }

  bool is_over() const { return over_; }
  int saved() const { return saved_; }
  int missing() const { return missing_; }

 private:
  came fetch(fetcher& web, const image& what) {
    const auto temporary = with_.temporary(what.file);
    const file_descriptor out(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (out.get() < 0) return fail(what, std::strerror(errno));
    std::size_t size = 0;
    const auto write = [&](std::string_view piece) {
      size += piece.size();
      while (!piece.empty()) {
        const ssize_t written = ::write(out.get(), piece.data(), piece.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        piece.remove_prefix(static_cast<std::size_t>(written));
      }
      return true;
    };
    const fetch_result answer = with_.get_image(web, what.address, write);
    const bool is_good = answer.error.empty() && answer.status == 200;
    if (is_good && size > 0 && ::rename(temporary.c_str(), what.file.c_str()) == 0) {
      with_.say("saved " + what.file.filename().string() + " (" + std::to_string(size) + " bytes)");
      return came::whole;
    }
    const std::string trouble = std::strerror(errno);
    ::unlink(temporary.c_str());
    if (!answer.error.empty()) return fail(what, answer.error);
    if (!is_good) return fail(what, "status " + std::to_string(answer.status));
    if (size > 0) return fail(what, trouble);
    with_.say("empty answer: " + what.address);
    return came::empty;
  }

  came fail(const image& what, const std::string& why) const {
    with_.say("missing: " + what.address + ": " + why);
    return came::not_at_all;
  }

  void note(image& what, came how, std::vector<image>& again) {
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    if (how == came::whole) {
      ++saved_;
      if (how_.with_empty.forgives) empty_in_a_row_ = 0;
      return;
    }
    if (how == came::not_at_all) {
      ++missing_;
      return;
    }
    if (++empty_in_a_row_ > how_.with_empty.stop_after) over_ = true;
    if (++what.tries < how_.with_empty.tries) {
      again.push_back(what);
    } else {
      ++missing_;
      with_.say("missing: " + what.address + ": its answers are empty");
    }
  }

  void rest_if_due() {
    if (empty_in_a_row_ <= how_.with_empty.rest_after) return;
    with_.say("resting: " + std::to_string(empty_in_a_row_) + " empty answers in a row");
    std::this_thread::sleep_for(how_.rest);
  }

  const options& how_;
  const parts& with_;
  std::vector<fetcher> webs_;
  std::mutex mutex_;
  int saved_ = 0;
  int missing_ = 0;
  int empty_in_a_row_ = 0;
  std::atomic<bool> over_ = false;
};

// Which file belongs to which address, in the order in which they were found.
class name_book {
 public:
  name_book(const options& how, const parts& with) : how_(how), with_(with) {}

  // Nothing for an address that was given before.
  std::optional<std::filesystem::path> add(const std::string& address) {
    if (!names_.try_emplace(address).second) return std::nullopt;
    std::string name = with_.name(address);
    if (!taken_.insert({name, address}).second) {
      name = with_.other_name(name, address);
      taken_.insert({name, address});
    }
    return how_.directory / (names_[address] = name);
  }

 private:
  const options& how_;
  const parts& with_;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> taken_;
};

int download_all(const options& how, const parts& with, queue& found) {
  downloader images(how, with);
  name_book names(how, with);
  int there = 0;
  for (;;) {
    const std::string item = found.get();
    if (item.empty()) break;
    std::vector<image> wanted;
    for (std::size_t at = 0; at < item.size();) {
      const auto end = item.find('\n', at);
      const std::string address = item.substr(at, end - at);
      at = end + 1;
      const auto file = names.add(address);
      if (!file) continue;
      if (with.is_there(*file)) {
        ++there;
      } else {
        wanted.push_back({address, *file});
      }
    }
    images.download(std::move(wanted));
    if (!images.is_over()) continue;
    with.say("giving up: the answers stay empty");
    return stopped;
  }
  with.say(std::to_string(images.saved()) + " saved, " + std::to_string(there) + " there before, " +
           std::to_string(images.missing()) + " missing");
  return images.missing() == 0 ? all_there : some_missing;
}

}  // namespace

int consume(const options& how, const parts& with, queue& found) {
  try {
    return download_all(how, with, found);
  } catch (const std::exception& error) {
    with.say(std::string("no further images: ") + error.what());
    return stopped;
  }
}

}  // namespace ref::crawler
