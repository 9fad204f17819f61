// Ops of the area cost: child_process, worker_threads and generators, timed where they run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { Raised } from "../../sdk/javascript/assay_sdk.mjs";
import { round } from "./cost_unit.mjs";

const program = fileURLToPath(new URL("cost_unit.mjs", import.meta.url));

const MAKES = {
  // `said`: what its task says.
  process(...task) {
    const child = spawn(process.execPath, [program, ...task], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const said = once(child.stdout, "data").then(([text]) => Number(text) || 0);
    return { exit: once(child, "exit"), said, release: () => child.stdin.end() };
  },
  thread(...task) {
    const worker = new Worker(program, { argv: task });
    const said = once(worker, "message").then(([value]) => value);
    return { exit: once(worker, "exit"), said, release: () => worker.postMessage("end") };
  },
};

function made(kind, ...task) {
  if (!(kind in MAKES)) throw new Raised("ValueError", `no such kind of unit: ${kind}`);
  return MAKES[kind](...task);
}

async function timed(repetitions, perform) {
  const seconds = [];
  for (let i = 0; i < repetitions; ++i) {
    const begin = performance.now();
    const performing = perform();
    if (performing instanceof Promise) await performing;
    seconds.push((performance.now() - begin) / 1000);
  }
  return seconds;
}

function start({ kind, count, repetitions }) {
  return timed(repetitions, kind === "coroutine" ? () => {
    for (let i = 0; i < count; ++i) for (const _ of (function* nothing() {})());
  } : async () => {
    for (let i = 0; i < count; ++i) await made(kind, "nothing").exit;
  });
}

let held = []; // what ends each unit

async function hold({ kind, count }) {
  if (kind === "coroutine") {
    for (let i = 0; i < count; ++i) {
      const suspended = (function* body() {
        yield;
      })();
      suspended.next();
      held.push(() => suspended.next());
    }
    return;
  }
  const units = Array.from({ length: count }, () => made(kind, "wait"));
  await Promise.all(units.map(({ said }) => said));
  held.push(...units.map(({ release, exit }) => () => {
    release();
    return exit;
  }));
}

async function release() {
  await Promise.all(held.map((end) => end()));
  held = [];
}

function change({ kind, count, repetitions }) {
  if (kind !== "coroutine") throw new Raised("ValueError", "there are no pipes for others");
  const endless = (function* body() {
    for (;;) yield;
  })();
  return timed(repetitions, () => {
    for (let i = 0; i < count; i += 2) endless.next(); // there and back
  });
}

async function compute({ kind, units, seconds }) {
  const end = Date.now() + seconds * 1000;
  if (kind !== "coroutine") {
    const all = Array.from({ length: units }, () => made(kind, "compute", String(end)));
    const done = await Promise.all(all.map(({ said }) => said));
    await Promise.all(all.map(({ exit }) => exit));
    return done;
  }
  const done = Array(units).fill(0);
  const bodies = done.map((_, index) => (function* body() {
    for (; Date.now() < end; done[index] += round()) yield;
  })());
  const running = new Set(bodies);
  while (running.size > 0) {
    for (const each of running) if (each.next().done) running.delete(each);
  }
  return done;
}

export function addTo(adapter) {
  adapter.op("cost.start", start);
  adapter.op("cost.hold", hold);
  adapter.op("cost.release", release);
  adapter.op("cost.switch", change);
  adapter.op("cost.compute", compute);
}
