"""What an adapter in Python needs to be checked by assay: one file, standard library only.

An adapter is a program that performs ops (``queue.put``, ``regex.search``) when assay asks:

    import queue
    from assay_sdk import Adapter, Raised

    adapter = Adapter("my queue", "1.0", supports=["queue.put", "queue.get"])
    queues = {}

    @adapter.op("queue.open")
    def open_queue(queue, maxsize):
        queues[queue] = make_queue(maxsize)

    @adapter.op("queue.get_nowait")
    def get_nowait(queue):
        if queue not in queues:
            raise Raised("NoSuchObject", queue)
        return queues[queue].get_nowait()      # queue.Empty becomes the error type Empty

    adapter.run()

Handlers get the op's params as keyword arguments with every default filled in. Params of the type
``bytes`` arrive as ``bytes``, and ``bytes`` anywhere in a result are sent as {"base64": text}.
An exception whose class is named like one of the protocol's error types becomes that error;
any other is an InternalError. The ops actor.exit, process.start and script.run are built in.

``run`` ends the program. One thread calls handlers, one at a time. process.start forks by
``multiprocessing``, so that its queues, locks and shared memory are inherited.

Python 3.8 and later, Linux. The protocol itself: PROTOCOL.md.
"""

import base64
import binascii
import json
import multiprocessing
import os
import pathlib
import re
import select
import socket
import sys
import threading
import time
import traceback

__all__ = ["Adapter", "Raised", "from_base64", "is_base64"]

_RAISED = -32000
_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_UNKNOWN_METHOD = -32601
_BAD_PARAMS = -32602

_BY_HAND = """\
{program}: an adapter of assay for {implementation}.

It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it something with
  assay call path/to/testee.toml OP '{{"param": value}}'
and run the whole spec with
  assay check path/to/testee.toml
where testee.toml names this program as its [adapter] command.
"""


class Raised(Exception):
    """A condition that an op raises: one of the protocol's error types and what went wrong.

    ``position`` belongs to PatternError and TemplateError, ``status`` to MessageError.
    """

    def __init__(self, error_type, message="", position=None, status=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.position = position
        self.status = status


class _BadParams(Exception):
    pass


def is_base64(value):
    """Whether a JSON value stands for bytes."""
    return type(value) is dict and len(value) == 1 and type(value.get("base64")) is str


def from_base64(value):
    """The bytes that {"base64": text} stands for; ValueError when the text is no base64."""
    try:
        return base64.b64decode(value["base64"], validate=True)
    except binascii.Error as wrong:
        raise ValueError("not base64: %s" % wrong) from None


def _write_bytes(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"base64": base64.b64encode(value).decode("ascii")}
    raise TypeError("a result may not hold %s" % type(value).__name__)


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_write_bytes
).encode


class _Types:
    """The little type language of protocol.json: an expression becomes a predicate of a value."""

    def __init__(self, named):
        self._named = named
        self._made = {}

    def predicate(self, expression):
        expression = expression.strip()
        made = self._made.get(expression)
        if made is None:
            # A named type may hold itself; until it is made, look it up at each call.
            self._made[expression] = lambda value: self._made[expression](value)
            made = self._made[expression] = self._make(expression)
        return made

    def _make(self, expression):
        if "|" in expression:
            either = [self.predicate(part) for part in expression.split("|")]
            return lambda value: any(fits(value) for fits in either)
        if expression.endswith("[]"):
            item = self.predicate(expression[:-2])
            return lambda value: isinstance(value, (list, tuple)) and all(map(item, value))
        if expression.endswith("?"):
            inner = self.predicate(expression[:-1])
            return lambda value: value is None or inner(value)
        if expression in _SCALARS:
            return _SCALARS[expression]
        return self._make_object(expression)

    def _make_object(self, name):
        if name not in self._named:
            raise ValueError("protocol.json uses the unknown type %r" % name)
        if type(self._named[name]) is str:  # another name for a type
            return self.predicate(self._named[name])
        required, optional = {}, {}
        for field, expression in self._named[name].items():
            (optional if field.endswith("?") else required)[
                field[:-1] if field.endswith("?") else field
            ] = self.predicate(expression)
        everything = dict(required, **optional)

        def fits(value):
            if type(value) is not dict:
                return False
            for field, item in value.items():
                check = everything.get(field)
                if check is None or not check(item):
                    return False
            return all(field in value for field in required)

        return fits


_SCALARS = {
    "int": lambda value: type(value) is int,
    "number": lambda value: type(value) is int or type(value) is float,
    "bool": lambda value: type(value) is bool,
    "string": lambda value: type(value) is str,
    "any": lambda value: True,
    "null": lambda value: value is None,
    "bytes": lambda value: isinstance(value, (bytes, bytearray, memoryview)) or is_base64(value),
}


class _Op:
    """One op of protocol.json: fills and checks params, checks the result."""

    def __init__(self, name, description, types):
        self.name = name
        self.result_type = description["result"]
        self.result_fits = types.predicate(self.result_type)
        self._params = []
        for param, about in description["params"].items():
            expression = about["type"]
            self._params.append((
                param, types.predicate(expression), expression,
                "default" in about, about.get("default"),
                expression in ("bytes", "bytes?"),
            ))

    def arguments(self, given):
        """Keyword arguments for the handler; _BadParams says what does not fit."""
        if type(given) is not dict:
            raise _BadParams("%s: params must be an object" % self.name)
        filled = {}
        found = 0
        for param, fits, expression, has_default, default, is_bytes in self._params:
            if param in given:
                value = given[param]
                found += 1
                if not fits(value):
                    raise _BadParams("%s: %s must be %s" % (self.name, param, expression))
            elif has_default:
                value = default.copy() if isinstance(default, (list, dict)) else default
            else:
                raise _BadParams("%s: %s is missing" % (self.name, param))
            if is_bytes and value is not None:
                try:
                    value = from_base64(value)
                except ValueError as wrong:
                    raise _BadParams("%s: %s is %s" % (self.name, param, wrong)) from None
            filled[param] = value
        if found != len(given):
            extra = sorted(set(given) - set(filled))
            raise _BadParams("%s: has no param %s" % (self.name, ", ".join(extra)))
        return filled


class Adapter:
    """A table of handlers and the loop that serves them. See the module's text for an example."""

    def __init__(self, implementation, version, language="Python", supports=()):
        """``supports``: areas (``queue``), groups or slugs; a leading ``-`` takes one back out."""
        self._implementation = {
            "name": implementation, "version": version, "language": language,
        }
        self._supports = list(supports)
        self._handlers = {
            "actor.exit": self._actor_exit,
            "process.start": self._process_start,
            "script.run": self._script_run,
        }
        self._ops = {}
        self._error_types = {}
        self._line_bytes = 1 << 26
        self._nesting = 128
        self._actor = "main"
        self._started = {"main"}
        self._children = []
        self._connection = None
        self._exit_code = None

    def op(self, name):
        """Decorator: the function performs the op of this name."""

        def register(function):
            self._handlers[name] = function
            return function

        return register

    def replace(self, name, function):
        """Makes ``function`` the op's handler and returns the one that it replaces, or None."""
        previous = self._handlers.get(name)
        self._handlers[name] = function
        return previous

    def run(self):
        """Connects, says hello, serves requests, and ends the program."""
        if "ASSAY_SOCKET" not in os.environ:
            sys.stderr.write(_BY_HAND.format(
                program=os.path.basename(sys.argv[0]),
                implementation=self._implementation["name"]))
            sys.exit(2)
        self._load_protocol()
        sys.exit(self._serve())

    # -- the protocol's description ---------------------------------------------------------------

    def _load_protocol(self):
        path = os.environ.get("ASSAY_PROTOCOL")
        if not path:
            path = str(pathlib.Path(__file__).resolve().parent.parent.parent / "protocol.json")
        with open(path, encoding="utf-8") as file:
            protocol = json.load(file)
        self._version = protocol["protocol"]
        self._line_bytes = protocol["limits"]["line_bytes"]
        self._nesting = protocol["limits"]["nesting"]
        self._error_types = protocol["error_types"]
        types = _Types(protocol["types"])
        self._ops = {
            name: _Op(name, description, types) for name, description in protocol["ops"].items()
        }
        unknown = sorted(set(self._handlers) - set(self._ops))
        if unknown:
            sys.exit("%s has handlers for ops that the protocol lacks: %s"
                     % (os.path.basename(sys.argv[0]), ", ".join(unknown)))

    # -- the loop ---------------------------------------------------------------------------------

    def _serve(self):
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.connect(os.environ["ASSAY_SOCKET"])
        hello = {
            "protocol": self._version, "actor": self._actor,
            "pid": os.getpid(), "tid": threading.get_native_id(),
        }
        if self._actor == "main":
            hello["implementation"] = self._implementation
            hello["supports"] = self._supports
        self._send({"jsonrpc": "2.0", "method": "hello", "params": hello})
        try:
            for line in self._lines():
                self._send(self._answer(line))
                if self._exit_code is not None:
                    return self._exit_code
        except (BrokenPipeError, ConnectionResetError):
            pass
        return 0

    def _lines(self):
        receive = self._connection.recv
        parts, size = [], 0
        while True:
            if self._children:
                self._reap_until_readable()
            chunk = receive(1 << 18)
            if not chunk:
                return
            *lines, rest = chunk.split(b"\n")
            if lines:
                if parts:
                    parts.append(lines[0])
                    lines[0] = b"".join(parts)
                    parts, size = [], 0
                for line in lines:
                    if line:
                        yield line
            if rest:
                parts.append(rest)
                size += len(rest)
                if size > self._line_bytes:
                    sys.exit("a request is longer than %d bytes" % self._line_bytes)

    def _reap_until_readable(self):
        """Waits for a request and reaps children that end in the meantime."""
        while True:
            poll = select.poll()
            poll.register(self._connection, select.POLLIN)
            for child in self._children:
                poll.register(child.sentinel, select.POLLIN)
            ready = {descriptor for descriptor, _ in poll.poll()}
            self._children = [
                child for child in self._children
                if child.sentinel not in ready or child.join() is not None
            ]
            if self._connection.fileno() in ready or not self._children:
                return

    def _send(self, message):
        try:
            line = (_encode(message) + "\n").encode("utf-8")
            if len(line) - 1 > self._line_bytes:
                raise ValueError("the reply is longer than %d bytes" % self._line_bytes)
        except (ValueError, TypeError, RecursionError) as wrong:
            # A lone surrogate, not a number, a foreign object or a reply past the limit.
            message = self._failure(message.get("id"), Raised("InternalError", str(wrong)))
            line = (_encode(message) + "\n").encode("utf-8")
        self._connection.sendall(line)

    def _answer(self, line):
        identity = None
        try:
            request = json.loads(line)
            identity = request["id"]
            name = request["method"]
            if type(name) is not str:
                raise TypeError
            handler = self._handlers.get(name)
            if handler is None:
                return _error(identity, _UNKNOWN_METHOD, "this adapter has no op %s" % name)
            op = self._ops[name]
            arguments = op.arguments(request.get("params") or {})
        except _BadParams as wrong:
            return _error(identity, _BAD_PARAMS, str(wrong))
        except (ValueError, RecursionError) as wrong:
            return _error(None, _PARSE_ERROR, "not JSON: %s" % wrong)
        except (TypeError, KeyError, AttributeError):
            return _error(identity, _INVALID_REQUEST, "a request is an object with id and method")
        try:
            result = self._perform(op, handler, arguments)
        except _BadParams as wrong:
            return _error(identity, _BAD_PARAMS, str(wrong))
        except Exception as raised:  # pylint: disable=broad-except
            return self._failure(identity, raised)
        return {"jsonrpc": "2.0", "id": identity, "result": result}

    @staticmethod
    def _perform(op, handler, arguments):
        result = handler(**arguments)
        if not op.result_fits(result):
            raise Raised("InternalError", "%s returned %.200r, which is not %s"
                         % (op.name, result, op.result_type))
        return result

    # -- errors -----------------------------------------------------------------------------------

    def _failure(self, identity, raised):
        data = self._error_data(raised)
        return _error(identity, _RAISED, data["message"], data)

    def _error_data(self, raised):
        if isinstance(raised, Raised):
            if raised.error_type in self._error_types:
                data = {"type": raised.error_type, "message": str(raised.message)}
                if raised.position is not None:
                    data["position"] = raised.position
                if raised.status is not None:
                    data["status"] = raised.status
                return data
            return {"type": "InternalError",
                    "message": "%s is no error type of the protocol" % raised.error_type}
        if isinstance(raised, re.error):
            data = {"type": "PatternError", "message": raised.msg}
            if raised.pos is not None:
                data["position"] = raised.pos
            return data
        name = type(raised).__name__
        if name in self._error_types:
            return {"type": name, "message": str(raised)}
        traceback.print_exception(type(raised), raised, raised.__traceback__)
        return {"type": "InternalError", "message": "%s: %s" % (name, raised)}

    # -- built-in ops -----------------------------------------------------------------------------

    def _actor_exit(self, code):
        if not 0 <= code <= 255:
            raise _BadParams("actor.exit: code must be 0 to 255")
        self._exit_code = code

    def _process_start(self, actor):
        if not actor or actor in self._started:
            raise Raised("ValueError", "an actor named %r was started before" % actor)
        self._started.add(actor)
        child = multiprocessing.get_context("fork").Process(
            target=self._be_child, args=(actor,), name=actor)
        child.start()
        self._children.append(child)

    def _be_child(self, actor):
        self._connection.close()
        self._children = []
        self._actor = actor
        sys.exit(self._serve())

    def _script_run(self, steps, repeat, log):
        plan = []
        for index, step in enumerate(steps):
            name = step["op"]
            handler = self._handlers.get(name)
            if name == "script.run" or name.startswith("actor.") or handler is None:
                raise Raised("ValueError", "step %d: %s cannot be in a script" % (index, name))
            op = self._ops[name]
            plan.append((index, op, handler, op.arguments(step.get("params") or {})))
        events = []
        now = time.monotonic_ns
        begin = now()
        for _ in range(repeat):
            for index, op, handler, arguments in plan:
                start = now()
                try:
                    outcome = ("result", self._perform(op, handler, arguments))
                except Exception as raised:  # pylint: disable=broad-except
                    outcome = ("error", raised)
                end = now()
                if log:
                    kind, value = outcome
                    if kind == "error":
                        value = self._error_data(value)
                    events.append({"step": index, "start_ns": start, "end_ns": end, kind: value})
        return {"elapsed_ns": now() - begin, "events": events}


def _error(identity, code, message, data=None):
    error = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": identity, "error": error}
