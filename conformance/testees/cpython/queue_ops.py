"""Ops of the area queue: multiprocessing.Queue as it is, or what has its interface."""

import multiprocessing

from assay_sdk import Raised, from_base64, is_base64

_queues = {}
_make = multiprocessing.get_context("fork").Queue


def _named(name):
    found = _queues.get(name)
    if found is None:
        raise Raised("NoSuchObject", "no queue named %r was opened here" % name)
    return found


def _refusing_when_closed(use, *arguments):
    """put and get of a closed Queue raise a ValueError; the protocol calls that Closed."""
    try:
        return use(*arguments)
    except ValueError as refused:
        if "is closed" not in str(refused):
            raise
        raise Raised("Closed", str(refused)) from None


def _open(queue, maxsize):
    _queues[queue] = _make(maxsize)


def _put(queue, item, block, timeout):
    if is_base64(item):
        item = from_base64(item)
    _refusing_when_closed(_named(queue).put, item, block, timeout)


def _get(queue, block, timeout):
    return _refusing_when_closed(_named(queue).get, block, timeout)


def _put_nowait(queue, item):
    if is_base64(item):
        item = from_base64(item)
    _refusing_when_closed(_named(queue).put_nowait, item)


def _get_nowait(queue):
    return _refusing_when_closed(_named(queue).get_nowait)


def add_to(adapter, make=_make):
    """``make`` is called with a size. Its Empty and Full are those of the module queue."""
    global _make
    _make = make
    adapter.op("queue.open")(_open)
    adapter.op("queue.put")(_put)
    adapter.op("queue.get")(_get)
    adapter.op("queue.put_nowait")(_put_nowait)
    adapter.op("queue.get_nowait")(_get_nowait)
    adapter.op("queue.qsize")(lambda queue: _named(queue).qsize())
    adapter.op("queue.empty")(lambda queue: _named(queue).empty())
    adapter.op("queue.full")(lambda queue: _named(queue).full())
    adapter.op("queue.close")(lambda queue: _named(queue).close())
