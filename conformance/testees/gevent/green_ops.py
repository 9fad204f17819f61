"""Ops of the area green: gevent as it is."""

import gevent
import gevent.monkey
import gevent.queue

from assay_sdk import Raised
from greenlet_ops import as_json
import pair_ops

_greens = {}
_queues = {}


def _named(table, name):
    found = table.get(name)
    if found is None:
        raise Raised("NoSuchObject", name)
    return found


def _get(green, timeout):
    of = _named(_greens, green)
    try:
        return as_json(of.get(timeout=timeout))
    except gevent.Timeout as late:
        raise Raised("TimedOut", str(late)) from None


def _join(green, timeout):
    _named(_greens, green).join(timeout)


def _join_all(greens, timeout):
    done = gevent.joinall([_named(_greens, each) for each in greens], timeout)
    return [each for each in greens if _greens[each] in done]


def _kill(green):
    _named(_greens, green).kill()


def _state(green):
    of = _named(_greens, green)
    return {"ready": of.ready(), "successful": of.successful(), "started": bool(of.started)}


def _queue_open(queue, maxsize):
    _queues[queue] = gevent.queue.Queue(maxsize)


def _queue_put(queue, item, timeout):
    _named(_queues, queue).put(item, timeout=timeout)


def _patch():
    gevent.monkey.patch_all()


def add_to(adapter):
    def spawn(green, steps, delay):
        body = adapter.function(steps)
        _greens[green] = gevent.spawn_later(delay, body) if delay > 0 else gevent.spawn(body)

    adapter.op("green.spawn")(spawn)
    adapter.op("green.join")(_join)
    adapter.op("green.join_all")(_join_all)
    adapter.op("green.sleep")(lambda seconds: gevent.sleep(seconds))
    adapter.op("green.kill")(_kill)
    adapter.op("green.get")(_get)
    adapter.op("green.state")(_state)
    adapter.op("green.queue_open")(_queue_open)
    adapter.op("green.queue_put")(_queue_put)
    adapter.op("green.queue_get")(
        lambda queue, timeout: _named(_queues, queue).get(timeout=timeout))
    pair_ops.add_to(adapter)
    adapter.op("green.patch")(_patch)
