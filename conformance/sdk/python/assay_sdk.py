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
An exception whose class is named like one of the protocol's error types becomes that error, an
OSError the one named like its errno; any other is an InternalError. Built in are the ops of actor,
script, event, time, data and memory, process.self, and simple forms of process.start and
thread.start.

``run`` ends the program. Each actor's thread calls handlers, one at a time. process.start forks by
``multiprocessing``, so that its queues, locks and shared memory are inherited.

Python 3.8 and later, Linux. The protocol itself: PROTOCOL.md.
"""

import base64
import binascii
import builtins
import errno
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

__all__ = ["Adapter", "Frame", "Raised", "from_base64", "is_base64"]

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

    ``position`` belongs to PatternError and TemplateError, ``status`` to MessageError, ``value``
    (a list of one) to StopIteration.
    """

    def __init__(self, error_type, message="", position=None, status=None, value=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.position = position
        self.status = status
        self.value = value

    def __reduce__(self):
        # So that it comes back whole from another process: by default the message is all there is.
        return Raised, (self.error_type, self.message, self.position, self.status, self.value)


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


class Frame:
    """What one call of a function made of steps knows."""

    def __init__(self, arguments=()):
        self.arguments = arguments
        self.last = None  # result of the last step, or what script.return gave

    def argument(self, index):
        if not 0 <= index < len(self.arguments):
            raise Raised("ValueError", "no such argument")
        return self.arguments[index]


class _Session:
    """One connection and its actor. Used by the thread that made it."""

    def __init__(self, actor):
        self.actor = actor
        self.children = []
        self.exit_code = None
        self.uncaught = None
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.connect(os.environ["ASSAY_SOCKET"])

    def is_over(self):
        return self.exit_code is not None or self.uncaught is not None

    def lines(self, most_bytes):
        receive = self.connection.recv
        parts, size = [], 0
        while True:
            if self.children:
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
                if size > most_bytes:
                    sys.exit("a request is longer than %d bytes" % most_bytes)

    def _reap_until_readable(self):
        """Waits for a request and reaps children that end in the meantime."""
        while True:
            poll = select.poll()
            poll.register(self.connection, select.POLLIN)
            for child in self.children:
                poll.register(child.sentinel, select.POLLIN)
            ready = {descriptor for descriptor, _ in poll.poll()}
            self.children = [
                child for child in self.children
                if child.sentinel not in ready or child.join() is not None
            ]
            if self.connection.fileno() in ready or not self.children:
                return


def _log_event(value):
    event = {"value": value, "t_ns": time.monotonic_ns(), "pid": os.getpid(),
             "tid": threading.get_native_id()}
    path = os.path.join(os.environ.get("ASSAY_SCRATCH", "."), "events")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, (_encode(event) + "\n").encode("utf-8"))
    finally:
        os.close(file)


def _sleep(seconds):
    time.sleep(max(0, seconds))  # looked up now: it may have been patched


def _compute(rounds):
    value = 1
    for _ in range(rounds):
        value = (value * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    return value >> 2


_CONTROL_STEPS = frozenset(
    ("script.argument", "script.return", "script.raise", "script.repeat", "script.try"))


def _only_in_functions(**_):
    raise Raised("ValueError", "this step stands in a function only")


def _name_of(raised):
    """The protocol's name for an exception of the standard library."""
    if isinstance(raised, socket.gaierror):
        return "ResolutionError"
    if isinstance(raised, UnicodeDecodeError):
        return "DecodeError"
    # Before 3.10 socket.timeout is a class of its own.
    if isinstance(raised, (TimeoutError, socket.timeout)) and not getattr(raised, "errno", None):
        return "TimedOut"
    if isinstance(raised, OSError) and raised.errno in errno.errorcode:
        # Two names of one number on Linux; errorcode has the other.
        if raised.errno == errno.EOPNOTSUPP:
            return "EOPNOTSUPP"
        return errno.errorcode[raised.errno]
    return type(raised).__name__


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
            "actor.raise": self._actor_raise,
            "process.start": self._process_start,
            "thread.start": self._thread_start,
            "script.run": self._script_run,
            "script.call": lambda steps, arguments: self.function(steps)(*arguments),
            "event.log": _log_event,
            "time.sleep": _sleep,
            "time.compute": _compute,
            "process.self": lambda: {"pid": os.getpid(), "ppid": os.getppid(),
                                     "tid": threading.get_native_id()},
            "data.set": lambda name, value: self._variables.update({name: value}),
            "data.get": lambda name: self._variables[name],
            "data.append": lambda name, value: self._variables.setdefault(name, []).append(value),
            "data.add": self._data_add,
            "memory.allocate": self._memory_allocate,
            "memory.write": self._memory_write,
            "memory.read": self._memory_read,
        }
        for name in _CONTROL_STEPS:
            self._handlers[name] = _only_in_functions
        self._ops = {}
        self._error_types = {}
        self._line_bytes = 1 << 26
        self._nesting = 128
        self._started = {"main"}
        self._here = threading.local()  # .session: of the actor that this thread serves as
        self._variables = {}
        self._memory = {}

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

    def handler(self, name):
        """The op's function, to be called with all of its params as keyword arguments."""
        return self._handlers[name]

    @property
    def variables(self):
        """The global variables that the ops ``data.*`` are about."""
        return self._variables

    def run(self):
        """Connects, says hello, serves requests, and ends the program."""
        if "ASSAY_SOCKET" not in os.environ:
            sys.stderr.write(_BY_HAND.format(
                program=os.path.basename(sys.argv[0]),
                implementation=self._implementation["name"]))
            sys.exit(2)
        self._load_protocol()
        sys.exit(self.serve_as("main"))

    def take_name(self, actor):
        """Takes the name for a new actor; ValueError when it was taken before."""
        if not actor or actor in self._started:
            raise Raised("ValueError", "an actor named %r was started before" % actor)
        self._started.add(actor)

    def actor_name(self):
        """Which actor the calling thread serves as."""
        return self._here.session.actor

    def serve_as(self, actor):
        """Serves as this actor on the calling thread, over a connection of its own.

        For what handlers of process.start and thread.start have started. Returns the exit code that
        actor.exit gave, or 0 at the end of the connection; raises what actor.raise asked for.
        """
        inherited = getattr(self._here, "session", None)
        if inherited is not None:  # by fork
            inherited.connection.close()
        session = self._here.session = _Session(actor)
        self._serve(session)
        if session.uncaught is not None:
            raise session.uncaught
        return session.exit_code or 0

    # -- functions made of steps -------------------------------------------------------------------

    def function(self, steps):
        """A function whose body performs the steps: see script.call in PROTOCOL.md."""

        def call(*arguments):
            frame = Frame(arguments)
            self.run_steps(steps, frame)
            return frame.last

        return call

    def run_steps(self, steps, frame):
        """Performs steps within a frame; true when script.return ended them."""
        for step in steps:
            name = step["op"]
            if name not in _CONTROL_STEPS:
                frame.last = self.run_step(step, frame)
                continue
            params = self.step_params(step, frame)
            if name == "script.return":
                frame.last = params["value"]
                return True
            if name == "script.raise":
                raise self.exception(**params)
            if name == "script.argument":
                frame.last = frame.argument(**params)
            elif name == "script.repeat":
                times = params["times"]
                while times is None or times > 0:
                    if self.run_steps(params["steps"], frame):
                        return True
                    if times is not None:
                        times -= 1
            elif self._run_try(params, frame):
                return True
        return False

    def _run_try(self, params, frame):
        returned = False
        value = frame.last
        try:
            try:
                returned = self.run_steps(params["steps"], frame)
            except Exception as raised:  # pylint: disable=broad-except
                data = self.error_data(raised)
                if data["type"] != params["catch"]:
                    raise
                frame.last = data["message"]
                returned = self.run_steps(params["handler"], frame)
            value = frame.last
        finally:
            ended = bool(params["finally"]) and self.run_steps(params["finally"], frame)
        if ended:
            return True
        frame.last = value
        return returned

    def step_params(self, step, frame):
        """A step's params, complete and checked, with ``use`` filled in."""
        params = step.get("params") or {}
        if "use" in step:
            params = dict(params, **{step["use"]: frame.last})
        op = self._ops.get(step["op"])
        if op is None:
            raise Raised("ValueError", "%s cannot stand in a function" % step["op"])
        return op.arguments(params)

    def run_step(self, step, frame):
        """Performs a single step that is no control step, and returns its result."""
        name = step["op"]
        handler = self._handlers.get(name)
        if handler is None or name == "script.run" or name.startswith("actor."):
            raise Raised("ValueError", "%s cannot stand in a function" % name)
        return self._perform(self._ops[name], handler, self.step_params(step, frame))

    def exception(self, type, message=""):
        """Python's own exception of this name, else ``Raised``."""
        kind = getattr(builtins, type, None)
        if isinstance(kind, builtins.type) and issubclass(kind, Exception):
            return kind(message)
        return Raised(type, message)

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

    def _serve(self, session):
        hello = {
            "protocol": self._version, "actor": session.actor,
            "pid": os.getpid(), "tid": threading.get_native_id(),
        }
        if session.actor == "main":
            hello["implementation"] = self._implementation
            hello["supports"] = self._supports
        try:
            self._send(session, {"jsonrpc": "2.0", "method": "hello", "params": hello})
            for line in session.lines(self._line_bytes):
                self._send(session, self._answer(line))
                if session.is_over():
                    return
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            session.connection.close()

    def _send(self, session, message):
        try:
            line = (_encode(message) + "\n").encode("utf-8")
            if len(line) - 1 > self._line_bytes:
                raise ValueError("the reply is longer than %d bytes" % self._line_bytes)
        except (ValueError, TypeError, RecursionError) as wrong:
            # A lone surrogate, not a number, a foreign object or a reply past the limit.
            message = self._failure(message.get("id"), Raised("InternalError", str(wrong)))
            line = (_encode(message) + "\n").encode("utf-8")
        session.connection.sendall(line)

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
        data = self.error_data(raised)
        return _error(identity, _RAISED, data["message"], data)

    def error_data(self, raised):
        """An exception as the ``data`` of an error reply."""
        if isinstance(raised, Raised):
            if raised.error_type in self._error_types:
                data = {"type": raised.error_type, "message": str(raised.message)}
                if raised.position is not None:
                    data["position"] = raised.position
                if raised.status is not None:
                    data["status"] = raised.status
                if raised.value:
                    data["value"] = raised.value[0]
                return data
            return {"type": "InternalError",
                    "message": "%s is no error type of the protocol" % raised.error_type}
        if isinstance(raised, re.error):
            data = {"type": "PatternError", "message": raised.msg}
            if raised.pos is not None:
                data["position"] = raised.pos
            return data
        name = _name_of(raised)
        if name in self._error_types:
            message = raised.args[0] if isinstance(raised, KeyError) and raised.args else raised
            data = {"type": name, "message": str(message)}
            if isinstance(raised, StopIteration) and raised.value is not None:
                data.update(message="", value=raised.value)
            return data
        traceback.print_exception(type(raised), raised, raised.__traceback__)
        return {"type": "InternalError", "message": "%s: %s" % (name, raised)}

    # -- built-in ops -----------------------------------------------------------------------------

    def _actor_exit(self, code):
        if not 0 <= code <= 255:
            raise _BadParams("actor.exit: code must be 0 to 255")
        self._here.session.exit_code = code

    def _actor_raise(self, type, message):
        self._here.session.uncaught = self.exception(type, message)

    def _process_start(self, actor):
        self.take_name(actor)
        child = multiprocessing.get_context("fork").Process(
            target=lambda: sys.exit(self.serve_as(actor)), name=actor)
        child.start()
        self._here.session.children.append(child)

    def _thread_start(self, actor, daemon):
        self.take_name(actor)
        threading.Thread(target=self.serve_as, args=(actor,), name=actor, daemon=daemon).start()

    def _data_add(self, name, by):
        value = self._variables[name] = self._variables.get(name, 0) + by
        return value

    def _memory_allocate(self, name, bytes):
        if bytes <= 0:
            raise Raised("ValueError", "bytes must be positive")
        self._memory[name] = bytearray(b"\1") * bytes

    def _memory_write(self, name, offset, bytes, value):
        block = self._block(name)
        if not (0 <= offset <= offset + bytes <= len(block)):
            raise Raised("ValueError", "outside of the memory")
        # In small pieces: a large one, once dropped, may stay with the interpreter for a while.
        piece = bytearray([value]) * 4096
        for start in range(offset, offset + bytes, len(piece)):
            length = min(len(piece), offset + bytes - start)
            block[start:start + length] = piece[:length]

    def _memory_read(self, name, offset):
        block = self._block(name)
        if not 0 <= offset < len(block):
            raise Raised("ValueError", "outside of the memory")
        return block[offset]

    def _block(self, name):
        if name not in self._memory:
            raise Raised("NoSuchObject", name)
        return self._memory[name]

    def _script_run(self, steps, repeat, log):
        plan = []
        for index, step in enumerate(steps):
            name = step["op"]
            handler = self._handlers.get(name)
            if name == "script.run" or name.startswith("actor.") or handler is None:
                raise Raised("ValueError", "step %d: %s cannot be in a script" % (index, name))
            if "use" in step:
                raise _BadParams("step %d: use stands in functions: script.call" % index)
            op = self._ops[name]
            plan.append((index, op, handler, op.arguments(step.get("params") or {})))
        events = []
        now = time.monotonic_ns
        begin = now()
        for _ in range(repeat):
            for index, op, handler, arguments in plan:
                if not log:
                    try:
                        self._perform(op, handler, arguments)
                    except Exception:  # pylint: disable=broad-except
                        pass  # what is not logged raises unnoticed
                    continue
                start = now()
                try:
                    outcome = ("result", self._perform(op, handler, arguments))
                except Exception as raised:  # pylint: disable=broad-except
                    outcome = ("error", raised)
                end = now()
                kind, value = outcome
                if kind == "error":
                    value = self.error_data(value)
                events.append({"step": index, "start_ns": start, "end_ns": end, kind: value})
        return {"elapsed_ns": now() - begin, "events": events}


def _error(identity, code, message, data=None):
    error = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": identity, "error": error}
