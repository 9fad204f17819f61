"""Ops of the area thread: threading.Thread and threading.Lock as they are."""

import threading

from assay_sdk import Raised

_threads = {}
_locks = {}


def _thread(actor):
    if actor not in _threads:
        raise Raised("NoSuchObject", "no thread %r was started here" % actor)
    return _threads[actor]


def _state(actor):
    thread = _thread(actor)
    return {"alive": thread.is_alive(), "name": thread.name, "daemon": thread.daemon}


def _lock(name):
    if name not in _locks:
        raise Raised("NoSuchObject", "no lock %r is open" % name)
    return _locks[name]


def _acquire(lock, timeout):
    # Its timeout must be positive, or -1 for none.
    if timeout is None:
        _lock(lock).acquire()
    elif not _lock(lock).acquire(timeout > 0, timeout if timeout > 0 else -1):
        raise TimeoutError("another has the lock")


def add_to(adapter):

    def start(actor, daemon):
        adapter.take_name(actor)
        _threads[actor] = threading.Thread(
            target=adapter.serve_as, args=(actor,), name=actor, daemon=daemon)
        _threads[actor].start()

    adapter.replace("thread.start", start)
    adapter.op("thread.join")(lambda actor, timeout: _thread(actor).join(timeout))
    adapter.op("thread.state")(_state)
    adapter.op("lock.open")(lambda lock: _locks.update({lock: threading.Lock()}))
    adapter.op("lock.acquire")(_acquire)
    adapter.op("lock.release")(lambda lock: _lock(lock).release())

    def count(name, times, lock):
        variables = adapter.variables
        for _ in range(times):
            if lock is None:
                variables[name] += 1
            else:
                with _lock(lock):
                    variables[name] += 1

    adapter.op("data.count")(count)
