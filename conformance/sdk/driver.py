"""Drives an adapter over its socket by hand, for tests of the SDKs: independent of the harness.

    with Driver([sys.executable, "adapter.py"], protocol) as driver:
        main = driver.accept()
        main.call("queue.open", queue="q")       # the result, or raises Failed
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile

TIMEOUT_SECONDS = 60


class Failed(Exception):
    """An error reply: ``error`` is its error object."""

    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.error = error
        self.type = error.get("data", {}).get("type")


class Actor:
    """One connection. ``hello``: the params of its first line; ``log`` gets every line."""

    def __init__(self, connection, log=None):
        self._connection = connection
        self._file = connection.makefile("rb")
        self._log = log
        self._next = 0
        self.hello = self.read()["params"]

    def read(self):
        line = self._file.readline()
        if not line:
            raise EOFError("the actor's connection has ended")
        if self._log is not None:
            self._log.append(("<", line.decode().rstrip("\n")))
        return json.loads(line)

    def write(self, line):
        if self._log is not None:
            self._log.append((">", line))
        self._connection.sendall(line.encode() + b"\n")

    def begin(self, op, params):
        self._next += 1
        self.write(json.dumps({"jsonrpc": "2.0", "id": self._next, "method": op, "params": params}))
        return self._next

    def finish(self, identity):
        reply = self.read()
        assert reply["id"] == identity, reply
        if "error" in reply:
            raise Failed(reply["error"])
        return reply["result"]

    def call(self, op, **params):
        return self.finish(self.begin(op, params))

    def is_at_end(self):
        return self._file.readline() == b""

    def close(self):
        self._file.close()
        self._connection.close()


class Driver:
    """A started adapter and the socket that its actors connect to. Ends it on leaving."""

    def __init__(self, command, protocol, environment=None, log=False):
        self._scratch = tempfile.mkdtemp()
        path = os.path.join(self._scratch, "socket")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._listener.settimeout(TIMEOUT_SECONDS)
        self.log = [] if log else None
        self._actors = []
        self.process = subprocess.Popen(
            command, cwd=self._scratch, stdin=subprocess.DEVNULL,
            env=dict(os.environ, ASSAY_SOCKET=path, ASSAY_PROTOCOL=protocol,
                     ASSAY_SCRATCH=self._scratch, **(environment or {})))

    def accept(self):
        connection, _ = self._listener.accept()
        connection.settimeout(TIMEOUT_SECONDS)
        self._actors.append(Actor(connection, self.log))
        return self._actors[-1]

    def events(self):
        """What the actors wrote by event.log."""
        with open(os.path.join(self._scratch, "events"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for actor in self._actors:
            actor.close()
        self._listener.close()
        try:
            self.process.wait(TIMEOUT_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            shutil.rmtree(self._scratch, ignore_errors=True)
