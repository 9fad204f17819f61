"""Ops of the area pool: multiprocessing.Pool as it is, by fork, or its like."""

import multiprocessing

from assay_sdk import Raised

_pools = {}
_results = {}
_streams = {}
_adapter = None  # workers have it by fork
_library = multiprocessing
_lost = ()  # exceptions by which it tells that a worker died


def _perform(steps, *arguments):
    return _adapter.function(steps)(*arguments)


class _Task:
    """A task for map and its like: what is pickled is its steps."""

    def __init__(self, steps):
        self._steps = steps

    def __call__(self, *arguments):
        return _perform(self._steps, *arguments)


def _initialize(steps):
    if steps:
        _perform(steps)


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
        return _adapter.error_data(error)["type"]
    return type(error).__name__


def _apply_async(pool, task, steps, arguments, callback):
    log = _adapter.handler("event.log")
    calls = {}
    if callback:
        calls = {
            "callback": lambda value: log(value=["callback", value]),
            "error_callback": lambda error: log(value=["error_callback", _kind(error)]),
        }
    _results[pool, task] = _at(_pools, pool).apply_async(_perform, (steps, *arguments), **calls)


def _wait(pool, task, timeout):
    result = _at(_results, pool, task)
    result.wait(timeout)
    return result.ready()


def _imap(pool, results, steps, items, ordered):
    of = _at(_pools, pool)
    _streams[pool, results] = (of.imap if ordered else of.imap_unordered)(_Task(steps), items)


def add_to(adapter, library=multiprocessing, lost=()):
    global _adapter, _library, _lost
    _adapter, _library, _lost = adapter, library, lost
    context = library.get_context("fork")

    @adapter.op("pool.open")
    def open_pool(pool, size, max_tasks, initializer):
        _pools[pool] = context.Pool(size, _initialize, (initializer,), max_tasks)

    adapter.op("pool.size")(lambda pool: _at(_pools, pool)._processes)
    adapter.op("pool.apply")(
        lambda pool, steps, arguments: _asked(
            _at(_pools, pool).apply, _perform, (steps, *arguments)))
    adapter.op("pool.apply_async")(_apply_async)
    adapter.op("pool.ready")(lambda pool, task: _at(_results, pool, task).ready())
    adapter.op("pool.successful")(lambda pool, task: _at(_results, pool, task).successful())
    adapter.op("pool.wait")(_wait)
    adapter.op("pool.get")(
        lambda pool, task, timeout: _asked(_at(_results, pool, task).get, timeout))
    adapter.op("pool.map")(
        lambda pool, steps, items, chunk: _asked(
            _at(_pools, pool).map, _Task(steps), items, chunk))
    adapter.op("pool.starmap")(
        lambda pool, steps, items: _asked(_at(_pools, pool).starmap, _Task(steps), items))
    adapter.op("pool.imap")(_imap)
    adapter.op("pool.next")(
        lambda pool, results, timeout: _asked(_at(_streams, pool, results).next, timeout))
    adapter.op("pool.close")(lambda pool: _at(_pools, pool).close())
    adapter.op("pool.terminate")(lambda pool: _at(_pools, pool).terminate())
    adapter.op("pool.join")(lambda pool: _at(_pools, pool).join())
