// Ops of the areas process and thread: child_process and worker_threads. Both run the program anew,
// which then serves as the named actor.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

import { Raised } from "../../sdk/javascript/assay_sdk.mjs";

const children = new Map();
const workers = new Map();

function named(units, actor) {
  if (!units.has(actor)) throw new Raised("NoSuchObject", `${actor} was not started here`);
  return units.get(actor);
}

// Neither has a join: one waits for the event exit, as long as one likes. A timer may fire up to a
// millisecond early, as it counts whole ones.
async function join(unit, isOver, timeout) {
  if (isOver(unit)) return;
  const exit = once(unit, "exit");
  if (timeout === null) {
    await exit;
  } else {
    await Promise.race([exit, setTimeout(Math.ceil(Math.max(0, timeout) * 1000) + 1)]);
  }
}

const childIsOver = (child) => child.exitCode !== null || child.signalCode !== null;
const workerIsOver = (worker) => worker.threadId === -1;

export function addTo(adapter) {
  function start(actor) {
    adapter.takeName(actor);
    const child = spawn(process.execPath, process.argv.slice(1), {
      env: { ...process.env, ASSAY_ACTOR: actor }, stdio: ["ignore", "inherit", "inherit"],
    });
    adapter.waitFor(child);
    children.set(actor, child);
  }

  adapter.op("process.create", () => null); // spawn makes the object and starts it at once
  adapter.op("process.start", ({ actor }) => start(actor));
  adapter.op("process.join", ({ actor, timeout }) =>
    join(named(children, actor), childIsOver, timeout));
  adapter.op("process.state", ({ actor }) => {
    const child = named(children, actor);
    const signal = child.signalCode === null ? null : -constants.signals[child.signalCode];
    return {
      pid: child.pid, alive: !childIsOver(child), exit_code: child.exitCode ?? signal,
      name: actor, daemon: false,
    };
  });
  adapter.op("process.terminate", ({ actor }) => void named(children, actor).kill());
  adapter.op("process.kill", ({ actor }) => void named(children, actor).kill("SIGKILL"));
  adapter.op("process.exit_now", ({ code }) => process.exit(code));

  adapter.op("thread.start", ({ actor, daemon }) =>
    void workers.set(actor, adapter.startThread(actor, daemon)));
  adapter.op("thread.join", ({ actor, timeout }) =>
    join(named(workers, actor), workerIsOver, timeout));
  adapter.op("thread.state", ({ actor }) =>
    ({ alive: !workerIsOver(named(workers, actor)), name: actor, daemon: false }));
}
