// What it costs to create a thread and to join it.
//
// Shows: threads that do nothing, one at a time; most of it is the kernel's and a wake-up's. Does
// not show: many at a time. The floor is pthread_create and pthread_join. What each thread counts
// is checked.
#include <pthread.h>

#include <atomic>
#include <thread>

#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/base/system_call.h"
#include "impl/thread/thread.h"

namespace assay::bench {
namespace {

constexpr const char* shows = "create a thread that does nothing, wait for its end";
std::atomic<std::int64_t> lives{0};

timing measure(std::int64_t count, void (*once)()) {
  lives = 0;
  const timing took = timed(count, [&] {
    for (std::int64_t i = 0; i < count; ++i) once();
  });
  require(lives == count);
  return took;
}

void pthread() {
  pthread_t made{};
  const auto body = [](void*) -> void* {
    ++lives;
    return nullptr;
  };
  ref::check_number(::pthread_create(&made, nullptr, body, nullptr), "pthread_create");
  ::pthread_join(made, nullptr);
}
void standard() {
  std::thread([] { ++lives; }).join();
}
void reference() {
  ref::thread made([] { ++lives; });
  made.join();
}

void add_rows() {
  const auto add = [](const char* who, void (*once)()) {
    add_row(std::string("thread/create and join/") + who, shows, benchmark::kMicrosecond,
            [=] { return measure(scaled(4000), once); });
  };
  add("floor pthread", pthread);
  add("std::thread", standard);
  add("reference", reference);
  if (has_python()) {
    add_row("thread/create and join/CPython", shows, benchmark::kMicrosecond,
            [] { return python("thread_cpython.py", {}); });
  }
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    add_rows();
    add_testees("thread");
  });
}
