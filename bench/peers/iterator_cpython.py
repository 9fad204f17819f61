"""Times CPython's iteration by itself: iterator_cpython.py BEHAVIOUR.

BEHAVIOUR is `list` (an item of a list of a thousand) or `class` (a loop over a new iterator of ten
items, of a class with __next__). Prints one JSON object: seconds, units and whether the sum was
right.
"""
import json
import sys
import time

IN_LIST = 1000
IN_LOOP = 10


class Counting:
    def __init__(self, until):
        self.at = 0
        self.until = until

    def __iter__(self):
        return self

    def __next__(self):
        if self.at == self.until:
            raise StopIteration
        self.at += 1
        return self.at - 1


def sum_of(iterable):
    total = 0
    for number in iterable:
        total += number
    return total


def timed(count, items, loop):
    total = 0
    start = time.thread_time()
    for _ in range(count):
        total += loop()
    return time.thread_time() - start, total == count * items * (items - 1) // 2


def main():
    if sys.argv[1] == "list":
        numbers = list(range(IN_LIST))
        count, per_loop = 2_000, IN_LIST
        seconds, right = timed(count, IN_LIST, lambda: sum_of(numbers))
    else:
        count, per_loop = 100_000, 1
        seconds, right = timed(count, IN_LOOP, lambda: sum_of(Counting(IN_LOOP)))
    print(json.dumps({"seconds": seconds, "units": count * per_loop, "right": right}))


main()
