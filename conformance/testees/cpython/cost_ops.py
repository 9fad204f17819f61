"""Ops of the area cost: multiprocessing, threading and generators, timed where they run."""

import contextlib
import itertools
import mmap
import multiprocessing
import os
import select
import threading
import time

from assay_sdk import Raised

_clock = time.perf_counter
_turn = itertools.count(os.getpid())


def timed(repetitions, perform):
    seconds = []
    for _ in range(repetitions):
        begin = _clock()
        perform()
        seconds.append(_clock() - begin)
    return seconds


def _make(kind):
    """What makes a process or a thread of a function."""
    makes = {"process": multiprocessing.Process, "thread": threading.Thread}
    if kind not in makes:
        raise Raised("ValueError", "no such kind of unit: " + kind)
    return lambda function, *arguments: makes[kind](target=function, args=arguments)


def _nothing():
    pass


class Generators:
    """Coroutines as Python has them without any library."""

    @staticmethod
    def run_one():
        def body():
            return
            yield
        for _ in body():
            pass

    @staticmethod
    def hold(count):
        def body():
            yield
        held = [body() for _ in range(count)]
        for each in held:
            next(each)

        def release():
            for each in held:
                next(each, None)
            held.clear()
        return release

    @staticmethod
    def switch(count, repetitions):
        def body():
            while True:
                yield
        step = body().__next__

        def perform():
            for _ in range(count // 2):  # there and back
                step()
        return timed(repetitions, perform)

    @staticmethod
    def compute(functions):
        """Each does a round of work when called, and tells whether it is to go on."""
        def body(function):
            while function():
                yield
        waiting = [body(each) for each in functions]
        while waiting:
            waiting = [each for each in waiting if next(each, waiting) is not waiting]


def _hold(kind, count):
    gate, here = os.pipe(), os.pipe()
    make = _make(kind)

    def wait():
        if kind == "process":
            os.close(gate[1])  # a copy, which would hold the gate shut
        os.write(here[1], b"x")
        os.read(gate[0], 1)

    units = [make(wait) for _ in range(count)]
    for each in units:
        each.start()
    for _ in units:
        os.read(here[0], 1)

    def release():
        os.close(gate[1])
        for each in units:
            each.join()
        units.clear()
        for each in (gate[0], *here):
            os.close(each)
    return release


@contextlib.contextmanager
def _on_one_processor():
    import ctypes  # PyPy's os lacks both calls
    libc = ctypes.CDLL(None)
    usable, chosen = (ctypes.c_ulong * 16)(), (ctypes.c_ulong * 16)()
    size = ctypes.sizeof(usable)
    libc.sched_getaffinity(0, size, usable)
    numbers = [each for each in range(8 * size) if usable[each // 64] >> each % 64 & 1]
    number = numbers[next(_turn) % len(numbers)]
    chosen[number // 64] = 1 << number % 64
    libc.sched_setaffinity(0, size, chosen)
    try:
        yield
    finally:
        libc.sched_setaffinity(0, size, usable)


def _hand_over(kind, count):
    """Seconds for so many hand-offs, both units on one processor."""
    forth, back = os.pipe(), os.pipe()
    starter = os.getpid()

    def answer():
        if os.getpid() != starter:
            os.close(forth[1])
        while os.read(forth[0], 1):
            os.write(back[1], b"x")

    def once():
        os.write(forth[1], b"x")
        os.read(back[0], 1)

    with _on_one_processor():
        other = _make(kind)(answer)
        other.start()
        once()  # it has begun
        begin = _clock()
        for _ in range(count // 2):
            once()
        seconds = _clock() - begin
        os.close(forth[1])
        other.join()
    for each in (forth[0], *back):
        os.close(each)
    return seconds


def _compute(kind, units, seconds, coroutines):
    shared = mmap.mmap(-1, 8 * units)  # seen by processes, too
    done = memoryview(shared).cast("q")
    end = _clock() + seconds

    def work(index):
        sum(range(1000))
        done[index] += 1
        return _clock() < end

    def work_on(index):
        while work(index):
            pass

    if kind == "coroutine":
        coroutines.compute([lambda index=index: work(index) for index in range(units)])
    else:
        all_units = [_make(kind)(work_on, index) for index in range(units)]
        for each in all_units:
            each.start()
        for each in all_units:
            each.join()
    return done.tolist()


def _wait(method, idle, count, repetitions):
    makes = {"epoll": select.epoll, "poll": select.poll}
    if method not in makes:
        raise Raised("ValueError", "no such method: " + method)
    waiting = makes[method]()
    # One empty pipe under many numbers; the ready one is the last, which poll finds last.
    (empty, *ends), (ready, more) = os.pipe(), os.pipe()
    os.write(more, b"x")
    descriptors = [*(os.dup(empty) for _ in range(idle)), ready]
    for each in descriptors:
        waiting.register(each, select.POLLIN)

    def perform():
        for _ in range(count):
            if len(waiting.poll()) != 1:
                raise Raised("RuntimeError", "one descriptor is ready")
    try:
        return timed(repetitions, perform)
    finally:
        if method == "epoll":
            waiting.close()
        for each in (*descriptors, empty, *ends, more):
            os.close(each)


def add_to(adapter, coroutines=Generators):
    held = []

    def start(kind, count, repetitions):
        def run_one():
            unit = make(_nothing)
            unit.start()
            unit.join()

        if kind == "coroutine":
            run_one = coroutines.run_one
        else:
            make = _make(kind)
        return timed(repetitions, lambda: [run_one() for _ in range(count)])

    def hold(kind, count):
        held.append(coroutines.hold(count) if kind == "coroutine" else _hold(kind, count))

    def release():
        while held:
            held.pop()()

    def switch(kind, count, repetitions):
        if kind == "coroutine":
            return coroutines.switch(count, repetitions)
        return [_hand_over(kind, count) for _ in range(repetitions)]

    adapter.op("cost.start")(start)
    adapter.op("cost.hold")(hold)
    adapter.op("cost.release")(release)
    adapter.op("cost.switch")(switch)
    adapter.op("cost.compute")(
        lambda kind, units, seconds: _compute(kind, units, seconds, coroutines))
    adapter.op("cost.wait")(_wait)
