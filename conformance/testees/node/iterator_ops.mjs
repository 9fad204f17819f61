// Ops of the area iterator: JavaScript's protocol, Symbol.iterator and next, over objects of each
// kind.
import { Raised } from "../../sdk/javascript/assay_sdk.mjs";

const objects = new Map();

class Own {
  constructor(items) {
    this.items = items;
  }

  add(item) {
    this.items.push(item);
  }

  *[Symbol.iterator]() {
    yield* this.items;
  }
}

class Self {
  #items;
  #index = 0;

  constructor(items) {
    this.#items = items;
  }

  [Symbol.iterator]() {
    return this;
  }

  next() {
    if (this.#index === this.#items.length) return this.end();
    return { value: this.#items[this.#index++], done: false };
  }

  end() {
    return { value: undefined, done: true };
  }
}

class Failing extends Self {
  end() {
    throw new Raised("ValueError", "the iterator fails");
  }
}

class Fib {
  constructor([count]) {
    this.left = count;
    [this.a, this.b] = [0, 1];
  }

  [Symbol.iterator]() {
    return this;
  }

  next() {
    if (this.left <= 0) return { value: undefined, done: true };
    --this.left;
    const value = this.a;
    [this.a, this.b] = [this.b, this.a + this.b];
    return { value, done: false };
  }
}

class Stub {
  [Symbol.iterator]() {}
}

class NextOnly {
  constructor(items) {
    this.items = items;
  }

  next() {
    const done = this.items.length === 0;
    return { value: this.items.shift(), done };
  }
}

const traced = (log) => class Traced extends Own {
  [Symbol.iterator]() {
    log({ value: "iter" });
    const iterator = super[Symbol.iterator]();
    return {
      [Symbol.iterator]() {
        return this;
      },
      next() {
        log({ value: "next" });
        return iterator.next();
      },
    };
  }
};

function at(name) {
  if (!objects.has(name)) throw new Raised("NoSuchObject", name);
  return objects.get(name);
}

function takeNext({ object, default: instead }) {
  const { value, done } = at(object).next();
  if (!done) return value;
  if (instead.length === 0) throw new Raised("StopIteration");
  return instead[0];
}

function visit({ object, limit, add }) {
  const visited = [];
  for (const each of at(object)) {
    visited.push(each);
    if (visited.length <= add.length) at(object).add(add[visited.length - 1]);
    if (limit !== null && visited.length >= limit) break;
  }
  return visited;
}

function visitPairs({ object }) {
  const pairs = [];
  for (const first of at(object)) {
    for (const second of at(object)) pairs.push([first, second]);
  }
  return pairs;
}

const INTO = {
  list: (items) => [...items],
  tuple: (items) => Object.freeze(Array.from(items)), // there is no tuple
  set: (items) => [...new Set(items)].sort((a, b) => a - b),
  sum: (items) => Array.from(items).reduce((a, b) => a + b, 0), // nor a sum
  two: (items) => {
    const [first, second] = items;
    return [first ?? null, second ?? null];
  },
};

export function addTo(adapter) {
  const kinds = {
    list: (items) => items,
    own: (items) => new Own(items),
    self: (items) => new Self(items),
    failing: (items) => new Failing(items),
    fib: (items) => new Fib(items),
    indexed: (items) => ({ ...items, length: items.length }), // what Array.from calls array-like
    stub: () => new Stub(),
    next_only: (items) => new NextOnly(items),
    plain: () => ({}),
    traced: (items) => new (traced(adapter.handler("event.log")))(items),
  };

  adapter.op("iterator.make", ({ object, kind, items }) => {
    if (!(kind in kinds)) throw new Raised("ValueError", `there is no kind ${kind}`);
    objects.set(object, kinds[kind](items));
  });
  adapter.op("iterator.iter", (params) =>
    void objects.set(params.as, at(params.object)[Symbol.iterator]()));
  // ECMA-262, 27.1.1: an iterable has Symbol.iterator, an iterator has next.
  adapter.op("iterator.kind", ({ object }) => ({
    iterable: typeof at(object)[Symbol.iterator] === "function",
    iterator: typeof at(object).next === "function",
  }));
  adapter.op("iterator.is_same", ({ object, other }) => at(object) === at(other));
  adapter.op("iterator.next", takeNext);
  adapter.op("iterator.add", ({ object, item }) => void at(object).add(item));
  adapter.op("iterator.for", visit);
  adapter.op("iterator.for_pairs", visitPairs);
  adapter.op("iterator.collect", ({ object, into }) => {
    if (!(into in INTO)) throw new Raised("ValueError", `nothing collects into ${into}`);
    return INTO[into](at(object));
  });
}
