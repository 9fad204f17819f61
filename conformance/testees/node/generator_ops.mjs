// Ops of the areas generator and coroutine: JavaScript's generators, their bodies made of steps.
import process from "node:process";
import { inspect, types } from "node:util";

import { Frame, Raised } from "../../sdk/javascript/assay_sdk.mjs";

const generators = new Map();

function at(name) {
  if (!generators.has(name)) throw new Raised("NoSuchObject", name);
  return generators.get(name).made;
}

function* fib(count) {
  let [a, b] = [0, 1];
  for (let index = 0; index < count; ++index) {
    yield a;
    [a, b] = [b, a + b];
  }
}

// What next, throw and return give: a value, or the end of the generator.
function resumed({ value = null, done }) {
  if (!done) return value;
  throw new Raised("StopIteration", "", { value: value ?? undefined });
}

function list({ generator, limit }) {
  const items = [];
  for (const each of at(generator)) {
    items.push(each);
    if (limit !== null && items.length >= limit) break;
  }
  return items;
}

function kind({ generator }) {
  const { made, definition } = generators.get(generator) ?? { made: at(generator) };
  return {
    iterator: typeof made.next === "function",
    is_its_own_iterator: made[Symbol.iterator]() === made,
    function: typeof definition === "function",
    generator_function: types.isGeneratorFunction(definition),
    text: inspect(made),
  };
}

function switches({ count }) {
  const ticking = (function* ticks() {
    for (;;) yield;
  })();
  const begin = process.hrtime.bigint();
  for (let i = 0; i < count; ++i) ticking.next();
  return process.hrtime.bigint() - begin;
}

export function addTo(adapter) {
  // A generator function whose body performs the steps.
  const definitionOf = (steps) => function* body(...given) {
    const frame = new Frame(given);
    const isReturned = yield* adapter.steps(steps, frame, function* perform(step) {
      if (step.op === "generator.yield") {
        return (yield adapter.stepParams(step, frame).value) ?? null;
      }
      if (step.op === "generator.delegate") {
        return (yield* at(adapter.stepParams(step, frame).generator)) ?? null;
      }
      return adapter.performStep(step, frame);
    });
    return isReturned ? frame.last : undefined;
  };
  const keep = (name, definition, given) =>
    void generators.set(name, { definition, made: definition(...given) });

  adapter.op("generator.open", ({ generator, steps, arguments: given }) =>
    keep(generator, definitionOf(steps), given));
  adapter.op("generator.fib", ({ generator, count }) => keep(generator, fib, [count]));
  adapter.op("generator.next", ({ generator }) => resumed(at(generator).next()));
  adapter.op("generator.send", ({ generator, value }) => resumed(at(generator).next(value)));
  adapter.op("generator.throw", ({ generator, type, message }) =>
    resumed(at(generator).throw(adapter.exception(type, message))));
  adapter.op("generator.close", ({ generator }) => void at(generator).return());
  adapter.op("generator.list", list);
  adapter.op("generator.kind", kind);
  for (const op of ["generator.yield", "generator.delegate"]) {
    adapter.op(op, () => {
      throw new Raised("ValueError", "this step stands in a generator's body only");
    });
  }

  adapter.op("coroutine.run", ({ bodies, rounds }) => {
    const running = new Set(bodies.map((steps) => definitionOf(steps)()));
    for (let round = 0; round < rounds; ++round) {
      for (const each of running) {
        if (each.next().done) running.delete(each);
      }
    }
  });
  adapter.op("coroutine.switches", switches);
}
