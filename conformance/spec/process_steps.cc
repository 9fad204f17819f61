#include "conformance/spec/process_steps.h"

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"

namespace assay {
namespace {

json with_timeout(json params, std::optional<seconds> timeout) {
  if (timeout) params["timeout"] = timeout->count();
  return params;
}

template <typename Value>
std::optional<Value> optional_of(const json& value) {
  if (value.is_null()) return std::nullopt;
  return value.get<Value>();
}

}  // namespace

outcome made_process::call(std::string_view op, json more) {
  more["actor"] = name_;
  return maker_->call(op, std::move(more));
}

outcome made_process::join(std::optional<seconds> timeout) {
  return call("process.join", with_timeout(json::object(), timeout));
}

pending_call made_process::begin_join() {
  return maker_->begin("process.join", {{"actor", name_}});
}

process_view made_process::state() {
  const json told = try_state().result();
  return {optional_of<pid_t>(told.at("pid")), told.at("alive"),
          optional_of<int>(told.at("exit_code")), told.at("name"), told.at("daemon")};
}

made_process create_process(std::string_view name, const creation& how) {
  return create_process(main_actor(), name, how);
}

made_process create_process(actor& maker, std::string_view name, const creation& how) {
  json params{{"actor", name}, {"daemon", how.daemon}, {"args", how.args}, {"kwargs", how.kwargs}};
  if (how.name) params["name"] = *how.name;
  EXPECT_THAT(maker.call("process.create", std::move(params)), returned(nullptr));
  return {maker, std::string(name)};
}

made_process ended_process(std::string_view name, int code) {
  auto made = create_process(name);
  finish(made.start(), code);
  EXPECT_THAT(made.join(), returned(nullptr));
  return made;
}

outcome made_thread::join(std::optional<seconds> timeout) {
  return maker_->call("thread.join", with_timeout({{"actor", name_}}, timeout));
}

pending_call made_thread::begin_join() { return maker_->begin("thread.join", {{"actor", name_}}); }

json made_thread::state() { return maker_->call("thread.state", {{"actor", name_}}).result(); }

void finish(actor& which, int code) {
  EXPECT_THAT(which.call("actor.exit", {{"code", code}}), returned(nullptr));
}

void fail(actor& which, std::string_view type, std::string_view message) {
  EXPECT_THAT(which.call("actor.raise", {{"type", type}, {"message", message}}), returned(nullptr));
}

void exit_now(actor& which, int code) {
  which.expect_death();
  which.begin("process.exit_now", {{"code", code}});
  EXPECT_TRUE(ends(which));
}

bool ends(const actor& which, std::chrono::nanoseconds within) {
  return await(
      [&] {
        if (!which.is_dead()) return false;
        // A process can be waited for once the last of its threads is gone, not the first.
        return which.tid() != which.pid() || proc::threads(which.pid()).size() <= 1;
      },
      within);
}

bool stays(const actor& which, std::chrono::nanoseconds meanwhile) {
  const auto until = std::chrono::steady_clock::now() + scaled(meanwhile);
  // What is about to end is runnable, however long a busy machine lets it wait for a processor.
  constexpr int looks = 3;
  int asleep = 0;
  await([&] {
    asleep = proc::is_runnable(which.pid()) ? 0 : asleep + 1;
    return which.is_dead() || (asleep >= looks && std::chrono::steady_clock::now() > until);
  });
  return !which.is_dead();
}

bool says(std::string_view text) {
  return await([&] { return standard_error().find(text) != std::string::npos; });
}

bool says_anything() {
  return await([] { return !standard_error().empty(); }, 20ms);
}

std::chrono::nanoseconds time_of_sleeps(const std::vector<actor*>& sleepers,
                                        std::chrono::nanoseconds each) {
  auto least = std::chrono::nanoseconds::max();
  for (int trial = 0; trial < 10 && least > each * 3 / 2; ++trial) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<pending_call> sleeping;
    for (actor* sleeper : sleepers) {
      sleeping.push_back(sleeper->begin("time.sleep", {{"seconds", seconds(each).count()}}));
    }
    for (auto& call : sleeping) EXPECT_THAT(call.finish(), returned(nullptr));
    least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - begin);
  }
  return least;
}

void open_pipe(std::string_view name) {
  EXPECT_THAT(main_actor().call("pipe.open", {{"pipe", name}}), returned(nullptr));
}

void write_pipe(actor& by, std::string_view pipe, std::string_view text) {
  EXPECT_THAT(by.call("pipe.write", {{"pipe", pipe}, {"text", text}}, scaled(2s)),
              returned(nullptr));
}

pending_call begin_read(actor& by, std::string_view pipe) {
  return by.begin("pipe.read", {{"pipe", pipe}});
}

void set_data(actor& of, std::string_view name, const json& value) {
  EXPECT_THAT(of.call("data.set", {{"name", name}, {"value", value}}), returned(nullptr));
}

json get_data(actor& of, std::string_view name) {
  return of.call("data.get", {{"name", name}}).result();
}

void append_data(actor& of, std::string_view name, const json& value) {
  EXPECT_THAT(of.call("data.append", {{"name", name}, {"value", value}}), returned(nullptr));
}

identity identity_of(actor& which) {
  const json told = which.call("process.self").result();
  return {told.at("pid"), told.at("ppid"), told.at("tid")};
}

}  // namespace assay
