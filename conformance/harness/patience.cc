#include "conformance/harness/patience.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "conformance/harness/proc.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

constexpr int most = 8;  // times the bound

// For how many nanoseconds each thread of this process and of its descendants was ready to run and
// had no processor, since its start.
std::unordered_map<pid_t, std::int64_t> run_delays() {
  std::unordered_map<pid_t, std::int64_t> delays;
  std::vector<pid_t> all = proc::descendants(::getpid());
  all.push_back(::getpid());
  for (const pid_t pid : all) {
    for (const pid_t tid : proc::threads(pid)) {
      std::ifstream file(fmt::format("/proc/{}/task/{}/schedstat", pid, tid));
      std::int64_t on_processors = 0;
      std::int64_t waiting = 0;
      if (file >> on_processors >> waiting) delays[tid] = waiting;
    }
  }
  return delays;
}

}  // namespace

patience::patience(std::chrono::nanoseconds bound)
    : bound_(bound), next_look_(start_ + std::min<std::chrono::nanoseconds>(20ms, bound / 4)) {}

bool patience::is_over() {
  if (clock::now() < next_look_) return false;
  look();
  const auto passed = clock::now() - start_;
  const auto end = std::min(bound_ + starved_, most * bound_);
  // Threads come and go: one that has ended between two looks is not counted.
  const auto often = std::max<std::chrono::nanoseconds>(50ms, bound_ / 10);
  next_look_ = start_ + std::min(std::max(end, passed + 1ms), passed + often);
  return passed >= end;
}

std::chrono::nanoseconds patience::starved() {
  if (has_looked_) look();
  return starved_;
}

void patience::look() {
  auto now = run_delays();
  for (const auto& [tid, delay] : now) {
    const auto before = delays_.find(tid);
    // A thread that was not there yet has waited since the last look alone.
    const std::int64_t known = before == delays_.end() ? 0 : before->second;
    if (has_looked_ && delay > known) starved_ += std::chrono::nanoseconds(delay - known);
  }
  delays_ = std::move(now);
  has_looked_ = true;
}

}  // namespace assay
