"""Ops of the areas generator and coroutine: Python's generators, their bodies made of steps."""

import inspect
import time

from assay_sdk import Frame, Raised

_generators = {}
_CONTROL = ("script.argument", "script.return", "script.raise", "script.repeat", "script.try")


def _at(name):
    if name not in _generators:
        raise Raised("NoSuchObject", name)
    return _generators[name][0]


def _fib(n):
    a, b, index = 0, 1, 0
    while index < n:
        yield a
        a, b = b, a + b
        index += 1


class Bodies:
    """Makes generator functions of steps. ``waiting``: ops whose handlers give what is awaited."""

    def __init__(self, adapter, waiting=()):
        self._adapter = adapter
        self._waiting = waiting

    def function(self, steps):
        def body(*arguments):
            frame = Frame(arguments)
            yield from self._run(steps, frame)
            return frame.last

        return body

    def _run(self, steps, frame):
        for step in steps:
            name = step["op"]
            if name in self._waiting:
                params = self._adapter.step_params(step, frame)
                frame.last = yield from self._waiting[name](**params).__await__()
                continue
            if name not in _CONTROL and name not in ("generator.yield", "generator.delegate"):
                frame.last = self._adapter.run_step(step, frame)
                continue
            params = self._adapter.step_params(step, frame)
            if name == "generator.yield":
                frame.last = yield params["value"]
            elif name == "generator.delegate":
                frame.last = yield from _at(params["generator"])
            elif name == "script.return":
                frame.last = params["value"]
                return True
            elif name == "script.raise":
                raise self._adapter.exception(**params)
            elif name == "script.argument":
                frame.last = frame.argument(**params)
            elif name == "script.repeat":
                left = params["times"]
                while left is None or left > 0:
                    if (yield from self._run(params["steps"], frame)):
                        return True
                    left = None if left is None else left - 1
            elif (yield from self._try(params, frame)):
                return True
        return False

    def _try(self, params, frame):
        ended = False
        try:
            try:
                ended = yield from self._run(params["steps"], frame)
            except BaseException as raised:  # GeneratorExit is no Exception
                data = self._adapter.error_data(raised)
                if data["type"] != params["catch"]:
                    raise
                frame.last = data["message"]
                ended = yield from self._run(params["handler"], frame)
        finally:
            value = frame.last
            if (yield from self._run(params["finally"], frame)):
                return True  # as return in finally does, it takes the place of an exception
            frame.last = value
        return ended


def _list(generator, limit):
    items = []
    for each in _at(generator):
        items.append(each)
        if limit is not None and len(items) >= limit:
            break
    return items


def _kind(generator):
    made, function = _generators[generator]
    return {"iterator": iter(made) is not None and hasattr(made, "__next__"),
            "is_its_own_iterator": iter(made) is made,
            "function": inspect.isfunction(function),
            "generator_function": inspect.isgeneratorfunction(function),
            "text": repr(made)}


def _switches(count):
    def ticks():
        while True:
            yield

    step = ticks().__next__
    begin = time.perf_counter_ns()
    for _ in range(count):
        step()
    return time.perf_counter_ns() - begin


def add_to(adapter):
    bodies = Bodies(adapter)

    @adapter.op("generator.open")
    def open_generator(generator, steps, arguments):
        function = bodies.function(steps)
        _generators[generator] = function(*arguments), function

    @adapter.op("generator.fib")
    def fib(generator, count):
        _generators[generator] = _fib(count), _fib

    @adapter.op("generator.expression")
    def expression(generator, count):
        _generators[generator] = (x * 2 for x in range(count)), None

    @adapter.op("generator.throw")
    def throw(generator, type, message):
        kind = {"GeneratorExit": GeneratorExit}.get(type)
        return _at(generator).throw(kind() if kind else adapter.exception(type, message))

    @adapter.op("coroutine.run")
    def run(rounds, **made_of):
        running = [bodies.function(each)() for each in made_of["bodies"]]
        for _ in range(rounds):
            for each in list(running):
                if next(each, running) is running:
                    running.remove(each)

    for name in ("generator.yield", "generator.delegate"):
        adapter.op(name)(_only_in_bodies)
    adapter.op("generator.next")(lambda generator: next(_at(generator)))
    adapter.op("generator.send")(lambda generator, value: _at(generator).send(value))
    adapter.op("generator.close")(lambda generator: _at(generator).close())
    adapter.op("generator.list")(_list)
    adapter.op("generator.kind")(_kind)
    adapter.op("coroutine.switches")(_switches)


def _only_in_bodies(**_):
    raise Raised("ValueError", "this step stands in a generator's body only")
