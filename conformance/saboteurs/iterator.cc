// Wrong iterables and iterators.
#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

// ---- what counts as what ------------------------------------------------------------------------

SABOTEUR("iterator.kind/iter-makes-an-iterable", "none", "takes nothing for an iterable") {
  change_answer(to, "iterator.kind", [](json kind) {
    kind["iterable"] = false;
    return kind;
  });
}

SABOTEUR("iterator.kind/a-stub-counts-too", "makes-do", "makes an iterator of anything") {
  swallow(to, "iterator.iter", "TypeError");
}

SABOTEUR("iterator.kind/iterator-needs-both", "all", "takes everything for an iterator") {
  change_answer(to, "iterator.kind", [](json kind) {
    kind["iterator"] = true;
    return kind;
  });
}

SABOTEUR("iterator.kind/every-iterator-is-iterable", "either-or",
         "takes nothing for both an iterable and an iterator") {
  change_answer(to, "iterator.kind", [](json kind) {
    if (kind["iterator"].get<bool>()) kind["iterable"] = false;
    return kind;
  });
}

SABOTEUR("iterator.kind/others-cannot-be-iterated", "nothing-there",
         "loops over anything, as if it held nothing") {
  swallow(to, "iterator.for", "TypeError", json::array());
}

SABOTEUR("iterator.kind/index-alone-iterates", "all", "takes everything for an iterable") {
  change_answer(to, "iterator.kind", [](json kind) {
    kind["iterable"] = true;
    return kind;
  });
}

// ---- next ---------------------------------------------------------------------------------------

SABOTEUR("iterator.next/one-step-forward", "repeats", "gives the second item twice") {
  const auto given = std::make_shared<std::vector<json>>();
  to.replace("iterator.next", [=](const handler& next, const json& params) {
    given->push_back(given->size() == 2 ? given->back() : next(params));
    return given->back();
  });
}

SABOTEUR("iterator.next/end-raises", "null", "gives null at the end") {
  swallow(to, "iterator.next", "StopIteration");
}

SABOTEUR("iterator.next/ended-for-good", "revives", "goes on after it has raised once") {
  const auto ends = std::make_shared<int>();
  to.replace("iterator.next", [=](const handler& next, const json& params) -> json {
    try {
      return next(params);
    } catch (const raised&) {
      if (++*ends > 1) return 1;
      throw;
    }
  });
}

SABOTEUR("iterator.next/ended-even-when-items-are-added", "revives",
         "goes on when an item has been added") {
  const auto added = std::make_shared<json>();
  to.replace("iterator.add", [=](const handler& add, const json& params) {
    *added = params.at("item");
    return add(params);
  });
  to.replace("iterator.next", [=](const handler& next, const json& params) {
    return added->is_null() ? next(params) : *added;
  });
}

SABOTEUR("iterator.next/default-at-the-end", "ignores", "raises all the same") {
  set_param(to, "iterator.next", "default", json::array());
}

SABOTEUR("iterator.next/iterables-have-none", "null", "gives null for what is no iterator") {
  swallow(to, "iterator.next", "TypeError");
}

// ---- iter ---------------------------------------------------------------------------------------

SABOTEUR("iterator.iter/of-an-iterator-is-itself", "another", "takes any two for different") {
  always_answer(to, "iterator.is_same", false);
}

SABOTEUR("iterator.iter/of-an-iterable-is-new", "one", "hands out one iterator each time") {
  const auto first = std::make_shared<json>();
  to.replace("iterator.iter", [=](const handler& iter, const json& params) {
    if (first->is_null()) *first = params.at("as");
    return iter(params);
  });
  to.replace("iterator.next", [=](const handler& next, json params) {
    params["object"] = *first;
    return next(params);
  });
}

// ---- loops --------------------------------------------------------------------------------------

void drop_last(sdk::adapter& to, const char* op) {
  change_answer(to, op, [](json items) {
    if (!items.empty()) items.erase(items.size() - 1);
    return items;
  });
}

SABOTEUR("iterator.for/visits-all", "but-one", "leaves out the last item") {
  drop_last(to, "iterator.for");
}

SABOTEUR("iterator.for/iter-once-then-next-until-the-end", "twice", "calls iter twice") {
  to.replace("iterator.for", [&to](const handler& loop, const json& params) {
    to.at("iterator.iter")({{"object", params.at("object")}, {"as", "unused"}});
    return loop(params);
  });
}

SABOTEUR("iterator.for/other-exceptions-leave", "swallows", "takes any exception for the end") {
  swallow(to, "iterator.for", "ValueError", json::array());
}

SABOTEUR("iterator.for/starts-anew", "once", "visits nothing in the second loop") {
  const auto loops = std::make_shared<int>();
  change_answer(to, "iterator.for",
                [=](json items) { return ++*loops > 1 ? json::array() : items; });
}

SABOTEUR("iterator.for/iterators-are-used-up", "rewinds", "visits the same in the second loop") {
  const auto visited = std::make_shared<json>();
  change_answer(to, "iterator.for", [=](json items) {
    if (visited->is_null()) *visited = std::move(items);
    return *visited;
  });
}

SABOTEUR("iterator.for/goes-on-where-it-stood", "drains", "uses up an iterator when it is left") {
  to.replace("iterator.for", [](const handler& loop, json params) {
    const json limit = std::exchange(params["limit"], nullptr);
    json items = loop(params);
    while (limit.is_number() && items.size() > limit.get<std::size_t>()) {
      items.erase(items.size() - 1);
    }
    return items;
  });
}

SABOTEUR("iterator.for/nested-loops-are-independent", "shared", "shares one iterator") {
  drop_last(to, "iterator.for_pairs");
  drop_last(to, "iterator.for_pairs");
}

SABOTEUR("iterator.for/sees-items-added-meanwhile", "snapshot", "visits what was there before") {
  set_param(to, "iterator.for", "add", json::array());
}

SABOTEUR("iterator.for/nothing-to-visit", "one", "runs one pass in any case") {
  change_answer(to, "iterator.for", [](json items) {
    if (items.empty()) items.push_back(nullptr);
    return items;
  });
}

// ---- whatever takes an iterable -----------------------------------------------------------------

SABOTEUR("iterator.collect/list-and-tuple", "but-one", "leaves out the last item") {
  drop_last(to, "iterator.collect");
}

SABOTEUR("iterator.collect/set-and-sum", "adds", "sums up one too many") {
  change_answer(to, "iterator.collect", [](json result) {
    return result.is_number() ? json(result.get<int>() + 1) : result;
  });
}

SABOTEUR("iterator.collect/unpacking", "any-number", "unpacks any number of items") {
  swallow(to, "iterator.collect", "ValueError");
}

SABOTEUR("iterator.collect/membership", "always", "finds anything") {
  always_answer(to, "iterator.contains", true);
}

}  // namespace
}  // namespace assay::saboteurs
