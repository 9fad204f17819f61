"""Times multiprocessing.Queue by itself.

    queue_cpython.py BEHAVIOUR PRODUCERS CONSUMERS COUNT BYTES BOUND CPUS

BEHAVIOUR is `throughput` or `latency`; messages have BYTES bytes; CPUS is a list like `0,1` (one
for each process in turn, producers first) or `-`. Prints one JSON object: seconds, messages and
whether the answer was right.
"""
import json
import multiprocessing
import os
import sys
import time


def pin(cpus, index):
    if cpus:
        os.sched_setaffinity(0, {cpus[index % len(cpus)]})


def produce(queue, count, number, size, cpus, barrier):
    pin(cpus, number)
    payload = bytes(size - 8)
    barrier.wait()
    for sequence in range(count):
        queue.put(sequence.to_bytes(8, "little") + payload)


def consume(queue, count, number, cpus, barrier, sums):
    pin(cpus, number)
    total = 0
    barrier.wait()
    for _ in range(count):
        total += int.from_bytes(queue.get()[:8], "little")
    sums.put(total)


def echo(there, back, count, cpus, barrier):
    pin(cpus, 1)
    barrier.wait()
    for _ in range(count):
        back.put(there.get())


def throughput(context, producers, consumers, count, size, bound, cpus):
    queue, sums = context.Queue(bound), context.SimpleQueue()
    barrier = context.Barrier(producers + consumers + 1)
    each, share = count // producers, count // consumers
    workers = [context.Process(target=produce, args=(queue, each, i, size, cpus, barrier))
               for i in range(producers)]
    workers += [context.Process(target=consume,
                                args=(queue, share, producers + i, cpus, barrier, sums))
                for i in range(consumers)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.monotonic()
    total = sum(sums.get() for _ in range(consumers))
    seconds = time.monotonic() - start
    for worker in workers:
        worker.join()
    return seconds, count, total == producers * (each * (each - 1) // 2)


def latency(context, count, size, bound, cpus):
    there, back = context.Queue(bound), context.Queue(bound)
    barrier = context.Barrier(2)
    child = context.Process(target=echo, args=(there, back, count, cpus, barrier))
    child.start()
    pin(cpus, 0)
    message, right = bytes(range(size)), True
    barrier.wait()
    start = time.monotonic()
    for _ in range(count):
        there.put(message)
        right = back.get() == message and right
    seconds = time.monotonic() - start
    child.join()
    return seconds, 2 * count, right


def main():
    behaviour, cpus = sys.argv[1], sys.argv[-1]
    producers, consumers, count, size, bound = map(int, sys.argv[2:-1])
    cpus = [] if cpus == "-" else [int(cpu) for cpu in cpus.split(",")]
    context = multiprocessing.get_context("fork")
    if behaviour == "latency":
        seconds, messages, right = latency(context, count, size, bound, cpus)
    else:
        seconds, messages, right = throughput(context, producers, consumers, count, size, bound,
                                              cpus)
    print(json.dumps({"seconds": seconds, "units": messages, "right": right}))


if __name__ == "__main__":
    main()
