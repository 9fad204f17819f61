"""Ops of the area green: eventlet as it is.

Its green threads have one way to be waited for, wait(), which gives what they return and raises
what they raise; a time limit is put around it by eventlet.Timeout.
"""

import eventlet
import eventlet.queue
import greenlet

from assay_sdk import Raised
import pair_ops

_greens = {}
_queues = {}


def _named(table, name):
    if name not in table:
        raise Raised("NoSuchObject", name)
    return table[name]


def _wait(of):
    try:
        return of.wait()
    except greenlet.GreenletExit as killed:  # no Exception
        raise Raised("GreenletExit", str(killed)) from None


def _get(green, timeout):
    of = _named(_greens, green)
    try:
        with eventlet.Timeout(timeout):
            return _wait(of)
    except eventlet.Timeout as late:
        raise Raised("TimedOut", str(late)) from None


def _join(green, timeout):
    of = _named(_greens, green)
    with eventlet.Timeout(timeout, False):
        _wait(of)


def _join_all(greens, timeout):
    with eventlet.Timeout(timeout, False):
        for each in greens:
            _wait(_named(_greens, each))
    return [each for each in greens if _greens[each].dead]


def _queue_open(queue, maxsize):
    _queues[queue] = eventlet.queue.Queue(maxsize)


def add_to(adapter):
    def spawn(green, steps, delay):
        body = adapter.function(steps)
        _greens[green] = (
            eventlet.spawn_after(delay, body) if delay > 0 else eventlet.spawn(body))

    adapter.op("green.spawn")(spawn)
    adapter.op("green.join")(_join)
    adapter.op("green.join_all")(_join_all)
    adapter.op("green.sleep")(lambda seconds: eventlet.sleep(seconds))
    adapter.op("green.kill")(lambda green: _named(_greens, green).kill())
    adapter.op("green.get")(_get)
    adapter.op("green.queue_open")(_queue_open)
    adapter.op("green.queue_put")(
        lambda queue, item, timeout: _named(_queues, queue).put(item, timeout=timeout))
    adapter.op("green.queue_get")(
        lambda queue, timeout: _named(_queues, queue).get(timeout=timeout))
    pair_ops.add_to(adapter)
    adapter.op("green.patch")(lambda: eventlet.monkey_patch())
