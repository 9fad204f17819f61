"""Ops of the area pool: multiprocessing.Pool as it is, by fork, or its like."""

import multiprocessing

import pool_tasks
from assay_sdk import Raised
from pool_tasks import Task, perform

_pools = {}
_results = {}
_streams = {}
_library = multiprocessing
_lost = ()  # exceptions by which it tells that a worker died


def _initialize(steps):
    if steps:
        perform(steps)


def _at(table, *key):
    key = key[0] if len(key) == 1 else key
    if key not in table:
        raise Raised("NoSuchObject", str(key))
    return table[key]


def _asked(ask, *arguments):
    try:
        return ask(*arguments)
    except _library.TimeoutError as late:
        raise Raised("TimedOut", str(late)) from None
    except _lost as lost:
        raise Raised("RemoteError", str(lost)) from None


def _kind(error):
    """The type of what an error callback is given, which is to be an exception."""
    if isinstance(error, BaseException):
        return pool_tasks.adapter.error_data(error)["type"]
    return type(error).__name__


def _apply_async(pool, task, steps, arguments, callback):
    log = pool_tasks.adapter.handler("event.log")
    calls = {}
    if callback:
        calls = {
            "callback": lambda value: log(value=["callback", value]),
            "error_callback": lambda error: log(value=["error_callback", _kind(error)]),
        }
    _results[pool, task] = _at(_pools, pool).apply_async(perform, (steps, *arguments), **calls)


def _wait(pool, task, timeout):
    result = _at(_results, pool, task)
    result.wait(timeout)
    return result.ready()


def _imap(pool, results, steps, items, ordered):
    of = _at(_pools, pool)
    _streams[pool, results] = (of.imap if ordered else of.imap_unordered)(Task(steps), items)


def add_to(adapter, library=multiprocessing, lost=()):
    global _library, _lost
    pool_tasks.adapter, _library, _lost = adapter, library, lost
    context = library.get_context("fork")

    @adapter.op("pool.open")
    def open_pool(pool, size, max_tasks, initializer):
        _pools[pool] = context.Pool(size, _initialize, (initializer,), max_tasks)

    adapter.op("pool.size")(lambda pool: _at(_pools, pool)._processes)
    adapter.op("pool.apply")(
        lambda pool, steps, arguments: _asked(
            _at(_pools, pool).apply, perform, (steps, *arguments)))
    adapter.op("pool.apply_async")(_apply_async)
    adapter.op("pool.ready")(lambda pool, task: _at(_results, pool, task).ready())
    adapter.op("pool.successful")(lambda pool, task: _at(_results, pool, task).successful())
    adapter.op("pool.wait")(_wait)
    adapter.op("pool.get")(
        lambda pool, task, timeout: _asked(_at(_results, pool, task).get, timeout))
    adapter.op("pool.map")(
        lambda pool, steps, items, chunk: _asked(
            _at(_pools, pool).map, Task(steps), items, chunk))
    adapter.op("pool.starmap")(
        lambda pool, steps, items: _asked(_at(_pools, pool).starmap, Task(steps), items))
    adapter.op("pool.imap")(_imap)
    adapter.op("pool.next")(
        lambda pool, results, timeout: _asked(_at(_streams, pool, results).next, timeout))
    adapter.op("pool.close")(lambda pool: _at(_pools, pool).close())
    adapter.op("pool.terminate")(lambda pool: _at(_pools, pool).terminate())
    adapter.op("pool.join")(lambda pool: _at(_pools, pool).join())
