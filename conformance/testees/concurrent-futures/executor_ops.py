"""Ops of the area pool: an executor of concurrent.futures as it is.

apply is submit(...).result(), the documentation's first example. An executor has no terminate, no
imap and no starmap, and a future no successful(): there are no ops for them here.
"""

import concurrent.futures
import os

import pool_tasks
from assay_sdk import Raised
from pool_tasks import Task, perform

_pools = {}
_futures = {}


def _pool(name):
    if name not in _pools:
        raise Raised("NoSuchObject", name)
    return _pools[name]


def _future(pool, task):
    if (pool, task) not in _futures:
        raise Raised("NoSuchObject", task)
    return _futures[pool, task]


def _asked(ask, *arguments):
    try:
        return ask(*arguments)
    except concurrent.futures.BrokenExecutor as broken:
        raise Raised("RemoteError", str(broken)) from None


def _submit(pool, steps, arguments):
    return _asked(_pool(pool).submit, perform, steps, *arguments)


def _apply_async(pool, task, steps, arguments, callback):
    future = _futures[pool, task] = _submit(pool, steps, arguments)
    if callback:
        future.add_done_callback(_log_what_came)


def _log_what_came(future):
    failed = future.exception()
    pool_tasks.adapter.handler("event.log")(
        value=["callback", future.result()] if failed is None
        else ["error_callback", pool_tasks.adapter.error_data(failed)["type"]])


def _wait(pool, task, timeout):
    future = _future(pool, task)
    return future in concurrent.futures.wait([future], timeout).done


def _map(pool, steps, items, chunk):
    return list(_pool(pool).map(Task(steps), items, chunksize=1 if chunk is None else chunk))


def add_to(adapter, make):
    """``make`` is called with a size, or None."""
    pool_tasks.adapter = adapter

    @adapter.op("pool.open")
    def open_pool(pool, size, max_tasks, initializer):
        _pools[pool] = make(size, initializer=perform if initializer else None,
                            initargs=(initializer,))

    adapter.op("pool.size")(lambda pool: _pool(pool)._max_workers)
    adapter.op("pool.apply")(lambda pool, steps, arguments: _asked(
        _submit(pool, steps, arguments).result))
    adapter.op("pool.apply_async")(_apply_async)
    adapter.op("pool.ready")(lambda pool, task: _future(pool, task).done())
    adapter.op("pool.wait")(_wait)
    adapter.op("pool.get")(
        lambda pool, task, timeout: _asked(_future(pool, task).result, timeout))
    adapter.op("pool.map")(
        lambda pool, steps, items, chunk: _asked(_map, pool, steps, items, chunk))
    adapter.op("pool.close")(lambda pool: _pool(pool).shutdown(wait=False))
    adapter.op("pool.join")(lambda pool: _pool(pool).shutdown(wait=True))
    adapter.op("process.exit_now")(lambda code: os._exit(code))
