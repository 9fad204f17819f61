"""Ops of the area green: asyncio's tasks as they are. Its loop runs while main waits."""

import asyncio
import types

from assay_sdk import Raised
import generator_ops

_loop = asyncio.new_event_loop()
_tasks = {}
_queues = {}


def _named(table, name):
    if name not in table:
        raise Raised("NoSuchObject", name)
    return table[name]


async def _sleep(seconds):
    await asyncio.sleep(seconds)


async def _join(green, timeout):
    await asyncio.wait([_named(_tasks, green)], timeout=timeout)


async def _join_all(greens, timeout):
    done, _ = await asyncio.wait([_named(_tasks, each) for each in greens], timeout=timeout)
    return [each for each in greens if _tasks[each] in done]


async def _get(green, timeout):
    try:
        # Without the shield the end of the time would cancel the task.
        return await asyncio.wait_for(asyncio.shield(_named(_tasks, green)), timeout)
    except asyncio.CancelledError:  # no Exception
        raise Raised("GreenletExit", "cancelled") from None


async def _kill(green):
    task = _named(_tasks, green)
    task.cancel()
    await asyncio.wait([task])


async def _put(queue, item, timeout):
    await asyncio.wait_for(_named(_queues, queue).put(item), timeout)


async def _take(queue, timeout):
    return await asyncio.wait_for(_named(_queues, queue).get(), timeout)


WAITING = {"green.sleep": _sleep, "green.join": _join, "green.join_all": _join_all,
           "green.get": _get, "green.kill": _kill, "green.queue_put": _put,
           "green.queue_get": _take}


def add_to(adapter):
    bodies = generator_ops.Bodies(adapter, WAITING)

    @adapter.op("green.spawn")
    def spawn(green, steps, delay):
        if delay:
            raise Raised("ValueError", "a task begins as soon as it can")
        body = types.coroutine(bodies.function(steps))

        async def run():
            return await body()
        _tasks[green] = _loop.create_task(run())

    @adapter.op("green.queue_open")
    def open_queue(queue, maxsize):
        _queues[queue] = asyncio.Queue(maxsize or 0)

    for name, wait in WAITING.items():
        adapter.op(name)(lambda wait=wait, **params: _loop.run_until_complete(wait(**params)))
