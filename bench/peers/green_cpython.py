"""Times gevent and asyncio by themselves: green_cpython.py WHO BEHAVIOUR NUMBER.

BEHAVIOUR is `yield` (one turn among NUMBER green threads, of which the caller is one) or `life`
(one of NUMBER that are spawned and joined together). Prints one JSON object: seconds, units and
whether all took their turns.
"""
import json
import sys
import time

TURNS = 200_000
LIVES = 20_000
turns = 0


def gevent_yields(number):
    import gevent

    global turns
    is_over = False

    def run():
        global turns
        while True:
            gevent.sleep(0)
            if is_over:
                return
            turns += 1

    others = [gevent.spawn(run) for _ in range(number - 1)]
    for _ in range(2):
        gevent.sleep(0)
    turns = 0
    rounds = max(TURNS // number, 4)
    start = time.thread_time()
    for _ in range(rounds):
        gevent.sleep(0)
        turns += 1
    took = time.thread_time() - start
    is_over = True
    gevent.joinall(others)
    return took, rounds * number


def gevent_lives(number):
    import gevent

    def run():
        global turns
        turns += 1

    rounds = LIVES // number
    start = time.thread_time()
    for _ in range(rounds):
        gevent.joinall([gevent.spawn(run) for _ in range(number)])
    return time.thread_time() - start, rounds * number


def asyncio_yields(number):
    import asyncio

    is_over = False
    rounds = max(TURNS // number, 4)

    async def run():
        global turns
        while True:
            await asyncio.sleep(0)
            if is_over:
                return
            turns += 1

    async def all_of_them():
        global turns
        nonlocal is_over
        others = [asyncio.create_task(run()) for _ in range(number - 1)]
        for _ in range(2):
            await asyncio.sleep(0)
        turns = 0
        start = time.thread_time()
        for _ in range(rounds):
            await asyncio.sleep(0)
            turns += 1
        took = time.thread_time() - start
        is_over = True
        await asyncio.gather(*others)
        return took

    return asyncio.run(all_of_them()), rounds * number


def asyncio_lives(number):
    import asyncio

    async def run():
        global turns
        turns += 1

    rounds = LIVES // number

    async def all_of_them():
        start = time.thread_time()
        for _ in range(rounds):
            await asyncio.gather(*[asyncio.create_task(run()) for _ in range(number)])
        return time.thread_time() - start

    return asyncio.run(all_of_them()), rounds * number


def main():
    who, behaviour, number = sys.argv[1:]
    work = {("gevent", "yield"): gevent_yields, ("gevent", "life"): gevent_lives,
            ("asyncio", "yield"): asyncio_yields, ("asyncio", "life"): asyncio_lives}
    seconds, units = work[who, behaviour](int(number))
    print(json.dumps({"seconds": seconds, "units": units, "right": turns == units}))


main()
