// Ops of the area iterator: classes of each kind, driven through impl/iterator.
#include <map>
#include <memory>
#include <set>

#include "conformance/testees/reference/reference.h"
#include "impl/iterator/iterator.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;
using items = std::vector<json>;

// ---- the kinds ----------------------------------------------------------------------------------

struct own {
  struct cursor {
    const items* all;
    std::size_t at = 0;
    json next() {
      if (at == all->size()) throw ref::stop_iteration();
      return (*all)[at++];
    }
    cursor& iter() { return *this; }
  };
  items all;
  cursor iter() { return {&all}; }
};

struct self {
  items all;
  std::size_t at = 0;
  json next() {
    if (at == all.size()) throw ref::stop_iteration();
    return all[at++];
  }
  self& iter() { return *this; }
};

struct traced {
  struct cursor {
    traced* of;
    std::size_t at = 0;
    json next() {
      of->log("next");
      if (at == of->all.size()) throw ref::stop_iteration();
      return of->all[at++];
    }
    cursor& iter() { return *this; }
  };
  items all;
  std::function<void(const char*)> log;
  cursor iter() {
    log("iter");
    return {this};
  }
};

struct failing {
  items all;
  std::size_t at = 0;
  json next() {
    if (at == all.size()) throw raised("ValueError", "the iterator fails");
    return all[at++];
  }
  failing& iter() { return *this; }
};

struct fib {
  std::int64_t left;
  std::int64_t a = 0;
  std::int64_t b = 1;
  json next() {
    if (left <= 0) throw ref::stop_iteration();
    --left;
    b += std::exchange(a, b);
    return b - a;
  }
  fib& iter() { return *this; }
};

struct by_index {
  items all;
  json at(std::size_t index) const { return all.at(index); }
};

struct stub {
  void iter() {}
};

struct next_only {
  items all;
  std::size_t at = 0;
  json next() {
    if (at == all.size()) throw ref::stop_iteration();
    return all[at++];
  }
};

struct plain {};

// ---- any of them, by name -----------------------------------------------------------------------

struct object : std::enable_shared_from_this<object> {
  virtual ~object() = default;
  virtual json kind() const = 0;
  virtual std::shared_ptr<object> iter() = 0;
  virtual ref::iterator<json> iterate() = 0;
  virtual json next() = 0;
  virtual items* list() { return nullptr; }
};

template <typename Class>
struct object_of : object {
  explicit object_of(Class made) : value(std::move(made)) {}

  json kind() const override {
    return {{"iterable", ref::iterable<Class> || std::ranges::range<Class>},
            {"iterator", ref::iterator_class<Class>}};
  }
  std::shared_ptr<object> iter() override {
    if constexpr (requires { requires std::same_as<decltype(value.iter()), Class&>; }) {
      if (&value.iter() == &value) return shared_from_this();
    }
    return std::make_shared<object_of<ref::iterator<json>>>(iterate());
  }
  ref::iterator<json> iterate() override {
    if constexpr (requires { ref::iter(value); }) {
      return ref::iter(value);
    } else {
      throw raised("TypeError", "the object cannot be iterated");
    }
  }
  json next() override {
    if constexpr (ref::has_next<Class>) {
      return value.next();
    } else {
      throw raised("TypeError", "the object is no iterator");
    }
  }
  items* list() override {
    if constexpr (std::same_as<Class, own>) return &value.all;
    return nullptr;
  }

  Class value;
};

template <typename Class>
std::shared_ptr<object> make(Class value) {
  return std::make_shared<object_of<Class>>(std::move(value));
}

class table {
 public:
  explicit table(sdk::adapter& adapter) : adapter_(adapter) {}

  object& at(const json& params, const char* name = "object") const {
    const auto found = objects_.find(params.at(name).get_ref<const std::string&>());
    if (found == objects_.end()) throw raised("NoSuchObject", params.at(name));
    return *found->second;
  }
  void put(const json& name, std::shared_ptr<object> what) { objects_[name] = std::move(what); }

  std::shared_ptr<object> made(const json& params) const {
    const std::string kind = params.at("kind");
    const auto all = params.at("items").get<items>();
    if (kind == "list") return make(all);
    if (kind == "own") return make(own{all});
    if (kind == "self") return make(self{all});
    if (kind == "traced") {
      return make(traced{all, [this](const char* call) {
                           adapter_.at("event.log")({{"value", call}});
                         }});
    }
    if (kind == "failing") return make(failing{all});
    if (kind == "fib") return make(fib{all.at(0)});
    if (kind == "indexed") return make(by_index{all});
    if (kind == "stub") return make(stub{});
    if (kind == "next_only") return make(next_only{all});
    if (kind == "plain") return make(plain{});
    throw raised("ValueError", "there is no kind '" + kind + "'");
  }

 private:
  sdk::adapter& adapter_;
  std::map<std::string, std::shared_ptr<object>, std::less<>> objects_;
};

items* list_of(object& what) {
  items* const list = what.list();
  if (list == nullptr) throw raised("TypeError", "nothing can be added to the object");
  return list;
}

json run_loop(object& over, const json& params) {
  items visited;
  const json& limit = params.at("limit");
  const json& add = params.at("add");
  for (json& each : ref::each(*std::make_unique<ref::iterator<json>>(over.iterate()))) {
    visited.push_back(each);
    if (visited.size() <= add.size()) list_of(over)->push_back(add[visited.size() - 1]);
    if (limit.is_number() && visited.size() >= limit.get<std::size_t>()) break;
  }
  return visited;
}

json run_nested_loops(object& over) {
  json pairs = json::array();
  auto outer = over.iterate();
  for (json& first : ref::each(outer)) {
    auto inner = over.iterate();
    for (json& second : ref::each(inner)) pairs.push_back({first, second});
  }
  return pairs;
}

json collect(object& over, const std::string& into) {
  const items all = ref::collect(over.iterate());
  if (into == "list" || into == "tuple") return all;
  if (into == "set") return std::set<json>(all.begin(), all.end());
  if (into == "sum") {
    std::int64_t sum = 0;
    for (const json& each : all) sum += each.get<std::int64_t>();
    return sum;
  }
  if (into != "two") throw raised("ValueError", "nothing collects into '" + into + "'");
  if (all.size() != 2) throw raised("ValueError", "two variables need two items");
  return all;
}

}  // namespace

void add_iterator_ops(sdk::adapter& to) {
  const auto objects = std::make_shared<table>(to);
  to.on("iterator.make", [=](const json& params) {
    objects->put(params.at("object"), objects->made(params));
    return json();
  });
  to.on("iterator.kind", [=](const json& params) { return objects->at(params).kind(); });
  to.on("iterator.iter", [=](const json& params) {
    objects->put(params.at("as"), objects->at(params).iter());
    return json();
  });
  to.on("iterator.is_same", [=](const json& params) {
    return json(&objects->at(params) == &objects->at(params, "other"));
  });
  to.on("iterator.next", [=](const json& params) -> json {
    const json& otherwise = params.at("default");
    try {
      return objects->at(params).next();
    } catch (const ref::stop_iteration&) {
      if (!otherwise.empty()) return otherwise.at(0);
      throw raised("StopIteration");
    }
  });
  to.on("iterator.add", [=](const json& params) {
    list_of(objects->at(params))->push_back(params.at("item"));
    return json();
  });
  to.on("iterator.for", [=](const json& params) { return run_loop(objects->at(params), params); });
  to.on("iterator.for_pairs",
        [=](const json& params) { return run_nested_loops(objects->at(params)); });
  to.on("iterator.collect",
        [=](const json& params) { return collect(objects->at(params), params.at("into")); });
  to.on("iterator.contains", [=](const json& params) {
    auto over = objects->at(params).iterate();
    for (json& each : ref::each(over)) {
      if (each == params.at("value")) return json(true);
    }
    return json(false);
  });
}

}  // namespace assay::testees
