// What a process or a thread does that cost_ops.mjs starts: its task, told by the first argument.
import process from "node:process";
import { isMainThread, parentPort } from "node:worker_threads";

export const tasks = {
  nothing() {},

  // Says that it is there, and ends once it is told anything, or its input ends.
  wait() {
    if (isMainThread) {
      process.stdout.write("here\n");
      process.stdin.resume();
    } else {
      parentPort.postMessage("here");
      parentPort.once("message", () => parentPort.close());
    }
  },

  // Says how many rounds of work it got done before the time was over.
  compute(end) {
    let rounds = 0;
    while (Date.now() < end) rounds += round();
    if (isMainThread) process.stdout.write(`${rounds}\n`);
    else parentPort.postMessage(rounds);
  },
};

/** One round of work. */
export function round() {
  let sum = 0;
  for (let i = 0; i < 1000; ++i) sum += i;
  return sum > 0 ? 1 : 0;
}

const [, program, task, argument] = process.argv;
if (program.endsWith("cost_unit.mjs")) tasks[task](Number(argument));
