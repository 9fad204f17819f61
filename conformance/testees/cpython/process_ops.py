"""Ops of the area process: multiprocessing.Process or its like, forked; pipes of os.pipe."""

import multiprocessing
import os
import sys

from assay_sdk import Raised


class _Processes:
    """Process objects by the names of the actors that they serve as."""

    def __init__(self, adapter, make):
        self._adapter = adapter
        self._make = make
        self._made = {}
        self._arguments = {}
        self._own = ([], {})  # what this process's function was called with

    def create(self, actor, name, daemon, args, kwargs):
        if type(kwargs) is not dict:
            raise Raised("ValueError", "kwargs must be an object")
        self._adapter.take_name(actor)

        def serve(*args, **kwargs):
            self._own = (args, kwargs)
            code = self._adapter.serve_as(actor)
            if code:
                sys.exit(code)

        # The default way is to fork, on Linux.
        self._made[actor] = self._make(
            target=serve, name=name, daemon=daemon, args=args, kwargs=kwargs)
        self._arguments[actor] = (args, kwargs)

    def start(self, actor):
        if actor not in self._made:
            self.create(actor, None, False, [], {})
        self._made[actor].start()

    def named(self, actor):
        if actor not in self._made:
            raise Raised("NoSuchObject", "no process %r was made here" % actor)
        return self._made[actor]

    def state(self, actor):
        process = self.named(actor)
        return {"pid": process.pid, "alive": process.is_alive(), "exit_code": process.exitcode,
                "name": process.name, "daemon": process.daemon}

    def arguments(self, actor):
        if actor is not None:
            self.named(actor)
        args, kwargs = self._own if actor is None else self._arguments[actor]
        return {"args": list(args), "kwargs": kwargs}

    def append_to_argument(self, index, value):
        args = self._own[0]
        if not 0 <= index < len(args):
            raise Raised("ValueError", "no such argument")
        if type(args[index]) is not list:
            raise TypeError("the argument is no list")
        args[index].append(value)


_pipes = {}


def _pipe(name):
    if name not in _pipes:
        raise Raised("NoSuchObject", "no pipe %r is open" % name)
    return _pipes[name]


def _write(pipe, text):
    data = text.encode("utf-8")
    while data:
        data = data[os.write(_pipe(pipe)[1], data):]


def add_to(adapter, make=multiprocessing.Process):
    processes = _Processes(adapter, make)
    adapter.replace("process.start", processes.start)
    adapter.op("process.create")(processes.create)
    adapter.op("process.join")(lambda actor, timeout: processes.named(actor).join(timeout))
    adapter.op("process.state")(processes.state)
    adapter.op("process.terminate")(lambda actor: processes.named(actor).terminate())
    adapter.op("process.kill")(lambda actor: processes.named(actor).kill())
    adapter.op("process.close")(lambda actor: processes.named(actor).close())
    adapter.op("process.arguments")(processes.arguments)
    adapter.op("process.append_to_argument")(processes.append_to_argument)
    adapter.op("process.exit_now")(lambda code: os._exit(code))
    adapter.op("pipe.open")(lambda pipe: _pipes.update({pipe: os.pipe()}))
    adapter.op("pipe.write")(_write)
    adapter.op("pipe.read")(lambda pipe: os.read(_pipe(pipe)[0], 4096).decode("utf-8"))
