#include "conformance/spec/queue_steps.h"

#include "conformance/harness/matchers.h"

namespace assay {
namespace {

json with_waiting(json params, const waiting& how) {
  if (how.block) params["block"] = *how.block;
  if (how.timeout) params["timeout"] = how.timeout->count();
  return params;
}

}  // namespace

json queue_of_actor::with_name(json more) const {
  more["queue"] = name_;
  return more;
}

outcome queue_of_actor::call(std::string_view op, json more) {
  return user_->call(op, with_name(std::move(more)));
}

outcome queue_of_actor::put(const json& item, waiting how) {
  return call("queue.put", with_waiting({{"item", item}}, how));
}

outcome queue_of_actor::get(waiting how) {
  return call("queue.get", with_waiting(json::object(), how));
}

outcome queue_of_actor::put_nowait(const json& item) {
  return call("queue.put_nowait", {{"item", item}});
}

outcome queue_of_actor::get_nowait() { return call("queue.get_nowait"); }

pending_call queue_of_actor::begin_put(const json& item, waiting how) {
  return user_->begin("queue.put", with_name(with_waiting({{"item", item}}, how)));
}

pending_call queue_of_actor::begin_get(waiting how) {
  return user_->begin("queue.get", with_name(with_waiting(json::object(), how)));
}

void queue_of_actor::put_all(const std::vector<json>& items) {
  for (const auto& item : items) ASSERT_THAT(put(item), returned(nullptr));
}

std::vector<json> queue_of_actor::get_all(std::size_t count) {
  std::vector<json> items;
  while (items.size() < count) {
    const outcome got = get({.timeout = 5s});
    EXPECT_THAT(got, returned());
    if (!got.ok()) break;
    items.push_back(got.result());
  }
  return items;
}

std::vector<json> queue_of_actor::drain() {
  std::vector<json> items;
  for (;;) {
    const outcome got = begin_get({.timeout = 200ms}).finish(scaled(3s));
    if (!got.ok()) {
      EXPECT_THAT(got, raised("Empty"));
      return items;
    }
    items.push_back(got.result());
  }
}

void queue_of_actor::await(const std::function<bool()>& done) { assay::await(done, 2s); }

void queue_of_actor::await_item() {
  await([&] { return empty().result() == json(false); });
}

void queue_of_actor::await_qsize(int at_most) {
  await([&] { return qsize().result().get<int>() <= at_most; });
}

void queue_of_actor::await_qsize_from(int at_least) {
  await([&] { return qsize().result().get<int>() >= at_least; });
}

json queue_of_actor::step(std::string_view op, json more) const {
  return {{"op", op}, {"params", with_name(std::move(more))}};
}

json queue_of_actor::run(const std::vector<json>& steps, int repeat) {
  return user_->call("script.run", {{"steps", steps}, {"repeat", repeat}}, 3 * call_timeout())
      .result();
}

pending_call queue_of_actor::begin_run(const std::vector<json>& steps, int repeat) {
  return user_->begin("script.run", {{"steps", steps}, {"repeat", repeat}});
}

queue_of_actor open_queue(const json& maxsize, std::string_view name) {
  EXPECT_THAT(main_actor().call("queue.open", {{"queue", name}, {"maxsize", maxsize}}),
              returned(nullptr));
  return {main_actor(), std::string(name)};
}

outcome try_open_queue(const json& maxsize) {
  return main_actor().call("queue.open", {{"queue", "q"}, {"maxsize", maxsize}});
}

actor& start(std::string_view name) { return main_actor().start_process(name); }

json bytes_item(std::size_t size, char filling) { return to_base64(std::string(size, filling)); }

std::vector<json> results_of(const json& script_result, int step) {
  std::vector<json> results;
  for (const auto& event : script_result.at("events")) {
    if (event.at("step") == step) results.push_back(event.value("result", json()));
  }
  return results;
}

std::vector<std::string> errors_of(const json& script_result) {
  std::vector<std::string> types;
  for (const auto& event : script_result.at("events")) {
    if (event.contains("error")) types.push_back(event.at("error").at("type"));
  }
  return types;
}

}  // namespace assay
