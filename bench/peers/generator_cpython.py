"""Times CPython's generators by itself: generator_cpython.py BEHAVIOUR DEPTH.

BEHAVIOUR is `step` (one value through DEPTH times `yield from`) or `life` (make one and exhaust its
ten values). Prints one JSON object: seconds, units and whether the sum was right.
"""
import itertools
import json
import sys
import time

LIFE = 10


def count(until):
    number = 0
    while number < until:
        yield number
        number += 1


def delegate(depth, until):
    if depth == 0:
        yield from count(until)
    else:
        yield from delegate(depth - 1, until)


def step(depth):
    steps = 2_000_000 // (depth + 1)
    counting = delegate(depth - 1, 1 << 60) if depth else count(1 << 60)
    total = 0
    start = time.thread_time()
    for number in itertools.islice(counting, steps):
        total += number
    return time.thread_time() - start, steps, total == steps * (steps - 1) // 2


def life():
    lives, total = 200_000, 0
    start = time.thread_time()
    for _ in range(lives):
        for number in count(LIFE):
            total += number
    return time.thread_time() - start, lives, total == lives * LIFE * (LIFE - 1) // 2


def main():
    behaviour, depth = sys.argv[1:]
    seconds, units, right = life() if behaviour == "life" else step(int(depth))
    print(json.dumps({"seconds": seconds, "units": units, "right": right}))


main()
