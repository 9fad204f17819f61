// Ops of the area cost: ref::process, ref::thread and greenlets, timed where they run.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "conformance/testees/reference/reference.h"
#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"
#include "impl/coroutine/green.h"
#include "impl/process/process.h"
#include "impl/thread/thread.h"

namespace assay::testees {
namespace {

using ref::check;
using ref::file_descriptor;
using ref::greenlet;
using ref::retry_interrupted;
using sdk::json;
using sdk::raised;
using clock = std::chrono::steady_clock;

template <typename Perform>
double seconds_of(int count, Perform perform) {
  const auto begin = clock::now();
  for (; count > 0; --count) perform();
  return std::chrono::duration<double>(clock::now() - begin).count();
}

// Seconds of each repetition of `count` times.
template <typename Perform>
json timed(const json& params, int count, Perform perform) {
  json seconds = json::array();
  for (auto left = params.at("repetitions").get<int>(); left > 0; --left) {
    seconds.push_back(seconds_of(count, perform));
  }
  return seconds;
}

// One kind of unit or another, as params say.
template <typename Process, typename Thread, typename Coroutine>
json by_kind(const json& params, Process process, Thread thread, Coroutine coroutine) {
  const std::string kind = params.at("kind");
  if (kind == "process") return process();
  if (kind == "thread") return thread();
  if (kind == "coroutine") return coroutine();
  throw raised("ValueError", "no such kind of unit: " + kind);
}

// Processes and threads, made and waited for in the same way: unit.join().
struct running_process {
  explicit running_process(std::function<void()> run)
      : unit([run = std::move(run)] { return run(), 0; }) {
    unit.start();
  }
  ref::process unit;
};
struct running_thread {
  explicit running_thread(std::function<void()> run) : unit(std::move(run)) {}
  ref::thread unit;
};

// ---- start --------------------------------------------------------------------------------------

json start(const json& params) {
  const auto each = [&](auto run_one) { return timed(params, params.at("count"), run_one); };
  return by_kind(
      params, [&] { return each([] { running_process([] {}).unit.join(); }); },
      [&] { return each([] { running_thread([] {}).unit.join(); }); },
      [&] {
        return each([] { greenlet::create([](std::any given) { return given; })->switch_to(); });
      });
}

// ---- hold ---------------------------------------------------------------------------------------

struct pipe_ends {
  pipe_ends() {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe2");
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  void put() const {
    retry_interrupted([&] { return ::write(write.get(), "", 1); });
  }
  bool take() const {
    char byte = 0;
    return retry_interrupted([&] { return ::read(read.get(), &byte, 1); }) == 1;
  }
  file_descriptor read;
  file_descriptor write;
};

// Units that have begun and wait: for the end of a pipe, or for a switch.
class held_units {
 public:
  void hold(const json& params) {
    const int count = params.at("count");
    gate_ = std::make_unique<pipe_ends>();
    const pipe_ends here;
    const auto wait = [&](auto& units, auto before) {
      for (int i = 0; i < count; ++i) {
        units.emplace_back([&here, before, gate = gate_.get()] {
          before(*gate);
          here.put();
          gate->take();
        });
      }
      for (int i = 0; i < count; ++i) here.take();
      return json();
    };
    by_kind(
        params,
        // A child's copy of the writing end would hold the gate shut.
        [&] { return wait(processes_, [](pipe_ends& gate) { gate.write.reset(); }); },
        [&] { return wait(threads_, [](pipe_ends&) {}); },
        [&] {
          for (int i = 0; i < count; ++i) {
            greenlets_.push_back(greenlet::create(
                [](const std::any&) { return greenlet::current().parent()->switch_to({}); }));
            greenlets_.back()->switch_to({});
          }
          return json();
        });
  }

  void release() {
    if (gate_) gate_->write.reset();
    for (auto& each : processes_) each.unit.join();
    for (auto& each : threads_) each.unit.join();
    for (auto& each : greenlets_) each->switch_to({});
    processes_.clear();
    threads_.clear();
    greenlets_.clear();
    gate_.reset();
  }

 private:
  std::unique_ptr<pipe_ends> gate_;
  std::vector<running_process> processes_;
  std::vector<running_thread> threads_;
  std::vector<greenlet::pointer> greenlets_;
};

// ---- switch -------------------------------------------------------------------------------------

// While it lives the calling thread, and what it starts, stay on one processor: another for each.
class on_one_processor {
 public:
  on_one_processor() {
    check(::sched_getaffinity(0, sizeof before_, &before_), "sched_getaffinity");
    static int turn = ::getpid();
    int skipped = turn++ % CPU_COUNT(&before_);
    int chosen = 0;
    while (!CPU_ISSET(chosen, &before_) || skipped-- > 0) ++chosen;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(chosen, &only);
    check(::sched_setaffinity(0, sizeof only, &only), "sched_setaffinity");
  }
  ~on_one_processor() { static_cast<void>(::sched_setaffinity(0, sizeof before_, &before_)); }
  on_one_processor(const on_one_processor&) = delete;
  on_one_processor& operator=(const on_one_processor&) = delete;

 private:
  cpu_set_t before_;
};

// The other unit sends back each byte that it gets.
template <typename Unit>
json hand_over(const json& params) {
  json seconds = json::array();
  for (auto left = params.at("repetitions").get<int>(); left > 0; --left) {
    const on_one_processor here;
    pipe_ends forth;
    pipe_ends back;
    const pid_t starter = ::getpid();
    Unit other([&] {
      if (::getpid() != starter) forth.write.reset();
      while (forth.take()) back.put();
    });
    forth.put();  // it has begun
    back.take();
    seconds.push_back(seconds_of(params.at("count").get<int>() / 2, [&] {
      forth.put();
      back.take();
    }));
    forth.write.reset();
    other.unit.join();
  }
  return seconds;
}

json hand_over_greenlets(const json& params) {
  bool is_over = false;
  const auto other = greenlet::create([&](const std::any&) {
    greenlet& first = *greenlet::current().parent();
    while (!is_over) first.switch_to();
    return std::any();
  });
  const json seconds =
      timed(params, params.at("count").get<int>() / 2, [&] { other->switch_to(); });
  is_over = true;
  other->switch_to();
  return seconds;
}

// ---- compute ------------------------------------------------------------------------------------

// Some 20 microseconds of work.
void work() {
  volatile unsigned int value = 1;
  for (int i = 0; i < 10000; ++i) value = value * 1664525 + 1013904223;
}

template <typename Unit>
void compute_in(long* done, int units, clock::time_point end) {
  std::vector<std::unique_ptr<Unit>> all;
  for (int i = 0; i < units; ++i) {
    all.push_back(std::make_unique<Unit>([of = done + i, end] {
      for (; clock::now() < end; ++*of) work();
    }));
  }
  for (auto& each : all) each->unit.join();
}

json compute(const json& params) {
  const int units = params.at("units");
  const auto bytes = std::size_t(units) * sizeof(long);
  const auto unmap = [bytes](long* of) { ::munmap(of, bytes); };
  const std::unique_ptr<long, decltype(unmap)> done(  // seen by processes, too
      static_cast<long*>(
          check(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
                "mmap")),
      unmap);
  const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(
                                      std::chrono::duration<double>(params.at("seconds")));
  by_kind(
      params, [&] { return compute_in<running_process>(done.get(), units, end), json(); },
      [&] { return compute_in<running_thread>(done.get(), units, end), json(); },
      [&] {
        std::vector<std::shared_ptr<ref::green>> all;
        for (int i = 0; i < units; ++i) {
          all.push_back(ref::green::spawn([of = done.get() + i, end] {
            for (; clock::now() < end; ref::green::yield()) work(), ++*of;
            return std::any();
          }));
        }
        ref::green::join_all(all);
        return json();
      });
  return std::vector<long>(done.get(), done.get() + units);
}

// ---- wait ---------------------------------------------------------------------------------------

json wait(const json& params) {
  const std::string method = params.at("method");
  if (method != "epoll" && method != "poll") throw raised("ValueError", "no such method");
  std::vector<file_descriptor> descriptors;
  std::vector<pollfd> polled;
  const file_descriptor epoll(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
  for (int left = params.at("idle"); left >= 0; --left) {
    const unsigned int ready = left == 0 ? 1 : 0;  // the last of them, which poll finds last
    descriptors.emplace_back(check(::eventfd(ready, EFD_CLOEXEC), "eventfd"));
    const int fd = descriptors.back().get();
    epoll_event wanted{EPOLLIN, {.fd = fd}};
    check(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &wanted), "epoll_ctl");
    polled.push_back({fd, POLLIN, 0});
  }
  epoll_event events[16];
  return timed(params, params.at("count"), [&] {
    const int found = method == "poll" ? ::poll(polled.data(), polled.size(), -1)
                                       : ::epoll_wait(epoll.get(), events, 16, -1);
    if (check(found, "wait") != 1) throw raised("RuntimeError", "one descriptor is ready");
  });
}

}  // namespace

void add_cost_ops(sdk::adapter& to) {
  to.on("cost.start", start);
  to.on("cost.switch", [](const json& params) {
    return by_kind(
        params, [&] { return hand_over<running_process>(params); },
        [&] { return hand_over<running_thread>(params); },
        [&] { return hand_over_greenlets(params); });
  });
  to.on("cost.compute", compute);
  to.on("cost.wait", wait);
  // Never destroyed: greenlets could not be unwound at the program's end.
  auto& held = *new held_units;
  to.on("cost.hold", [&held](const json& params) { return held.hold(params), json(); });
  to.on("cost.release", [&held](const json&) { return held.release(), json(); });
}

}  // namespace assay::testees
