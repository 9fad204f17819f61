"""Times gevent and asyncio by themselves: green_cpython.py WHO BEHAVIOUR NUMBER.

BEHAVIOUR is `yield` (one turn of NUMBER green threads) or `life` (one of NUMBER that are spawned
and joined together). Prints one JSON object: seconds, units and whether all took their turns.
"""
import json
import sys
import time

TURNS = 200_000
LIVES = 20_000
turns = 0


def gevent_yields(number):
    import gevent

    each = max(TURNS // number, 4)

    def run():
        global turns
        gevent.sleep(0)
        for _ in range(each):
            gevent.sleep(0)
            turns += 1

    all_of_them = [gevent.spawn(run) for _ in range(number)]
    gevent.sleep(0)
    start = time.thread_time()
    gevent.joinall(all_of_them)
    return time.thread_time() - start, number * each


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

    each = max(TURNS // number, 4)

    async def run():
        global turns
        await asyncio.sleep(0)
        for _ in range(each):
            await asyncio.sleep(0)
            turns += 1

    async def all_of_them():
        tasks = [asyncio.create_task(run()) for _ in range(number)]
        await asyncio.sleep(0)
        start = time.thread_time()
        await asyncio.gather(*tasks)
        return time.thread_time() - start

    return asyncio.run(all_of_them()), number * each


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
