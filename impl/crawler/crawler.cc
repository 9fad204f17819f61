#include "impl/crawler/crawler.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "impl/base/file_descriptor.h"
#include "impl/process/process.h"

namespace ref::crawler {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_prefix = ".image-crawler.";
constexpr std::string_view temporary_suffix = ".part";
// Pages ahead of the images; more would only cost memory.
constexpr std::int64_t pages_ahead = 16;

sigset_t awaited_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGINT, SIGTERM}) ::sigaddset(&set, number);
  return set;
}

// While it lives the signals are waited for instead of handled.
class signals_held {
 public:
  signals_held() {
    const sigset_t set = awaited_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &usual, &child_before_);
  }
  ~signals_held() {
    ::sigaction(SIGCHLD, &child_before_, nullptr);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  signals_held(const signals_held&) = delete;
  signals_held& operator=(const signals_held&) = delete;

 private:
  sigset_t before_{};
  struct sigaction child_before_ {};
};

// The children end by these signals as any program does; what they leave is removed by `crawl`.
void take_usual_signals() {
  const sigset_t set = awaited_signals();
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void remove_temporary_files(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(temporary_prefix) && name.ends_with(temporary_suffix)) {
      fs::remove(entry.path(), ignored);
    }
  }
}

// A crawl that was just killed may hold it for another moment.
bool lock(int directory) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (::flock(directory, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// Made when missing, and locked; empty and a reason said where that fails.
file_descriptor take_directory(const options& how, const parts& with) {
  std::error_code error;
  fs::create_directories(how.directory, error);
  file_descriptor directory(::open(how.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) {
    with.say(how.directory.string() + ": " + std::strerror(errno));
  } else if (!lock(directory.get())) {
    with.say(how.directory.string() + ": another crawl is working in it");
    directory.reset();
  }
  return directory;
}

int end_both(process& producer, process& consumer, int result) {
  for (process* each : {&producer, &consumer}) each->terminate();
  for (process* each : {&producer, &consumer}) each->join();
  return result;
}

// Until both have ended, or one has in a way that the other cannot know of.
int await_both(process& producer, process& consumer, const parts& with) {
  const sigset_t set = awaited_signals();
  for (;;) {
    const auto pages = producer.exit_code();
    const auto images = consumer.exit_code();
    if (pages && *pages != all_there && *pages != page_failed) {
      with.say("the process that reads pages died");
      return end_both(producer, consumer, stopped);
    }
    if (images && *images != all_there && *images != some_missing) {
      if (*images != stopped) with.say("the process that downloads died");
      return end_both(producer, consumer, stopped);
    }
    if (pages && images) return *pages == all_there ? *images : stopped;
    const int number = ::sigwaitinfo(&set, nullptr);
    if (number == SIGINT || number == SIGTERM) {
      with.say("interrupted");
      return end_both(producer, consumer, interrupted + number);
    }
  }
}

}  // namespace

fetch_result parts::usual_get(fetcher& web, const std::string& address, const fetcher::sink& to) {
  return web.get(address, to);
}

bool parts::usual_is_there(const fs::path& file) {
  struct stat seen {};
  // An empty file is what an interrupted program leaves; anything else is not ours to replace.
  return ::lstat(file.c_str(), &seen) == 0 && !(S_ISREG(seen.st_mode) && seen.st_size == 0);
}

fs::path parts::usual_temporary(const fs::path& file) {
  return file.parent_path() /
         (std::string(temporary_prefix) + file.filename().string() + std::string(temporary_suffix));
}

void parts::usual_say(const std::string& line) {
  const std::string whole = "image-crawler: " + line + "\n";
  // One call, so that lines of two processes do not mix; nobody to tell when it fails.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

int crawl(const options& how, const parts& with) {
  try {
    if (!resolve("", how.url)) {
      with.say(how.url + ": not an address of http or https");
      return stopped;
    }
    const file_descriptor directory = take_directory(how, with);
    if (!directory) return stopped;
    remove_temporary_files(how.directory);
    const signals_held held;
    queue found(pages_ahead);
    const auto half = [&](int (*run)(const options&, const parts&, queue&)) {
      return [&, run] {
        take_usual_signals();
        return run(how, with, found);
      };
    };
    process producer(half(&produce), {.name = "producer", .daemon = true});
    process consumer(half(&consume), {.name = "consumer", .daemon = true});
    producer.start();
    consumer.start();
    const int result = await_both(producer, consumer, with);
    remove_temporary_files(how.directory);
    return result;
  } catch (const std::exception& error) {
    with.say(error.what());
    return stopped;
  }
}

}  // namespace ref::crawler
