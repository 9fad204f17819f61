"""Times CPython's greenlet by itself: greenlet_cpython.py BEHAVIOUR.

BEHAVIOUR is `switch` (one way, half of a there and back) or `life` (create one and let it run to
its end). Prints one JSON object: seconds, units and whether as many arrived as were sent.
"""
import json
import sys
import time

import greenlet


def switch():
    rounds, arrived = 300_000, 0
    main = greenlet.getcurrent()

    def other():
        nonlocal arrived
        while True:
            arrived += 1
            main.switch()

    there = greenlet.greenlet(other).switch
    start = time.thread_time()
    for _ in range(rounds):
        there()
    return time.thread_time() - start, 2 * rounds, arrived == rounds


def life():
    lives, arrived = 100_000, 0

    def run():
        nonlocal arrived
        arrived += 1

    start = time.thread_time()
    for _ in range(lives):
        greenlet.greenlet(run).switch()
    return time.thread_time() - start, lives, arrived == lives


def main():
    seconds, units, right = {"switch": switch, "life": life}[sys.argv[1]]()
    print(json.dumps({"seconds": seconds, "units": units, "right": right}))


main()
