"""Ops of the area http, as far as the standard library has them.

Requests are parsed as http.server does, whose handlers read a body by Content-Length themselves, as
its CGI handler does; it has nothing for chunked requests. Responses are parsed by http.client,
which also writes requests.
"""

import http.client
import http.server
import io

from assay_sdk import Raised


class _Pieces(io.RawIOBase):
    """Bytes that arrive cut at the given offsets. ``ran_dry``: more was asked for than there is."""

    def __init__(self, data, cuts):
        super().__init__()
        edges = [0, *cuts, len(data)]
        self._pieces = [data[start:end] for start, end in zip(edges, edges[1:]) if end > start]
        self.given = 0
        self.ran_dry = False

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._pieces:
            self.ran_dry = True
            return 0
        piece = self._pieces[0][:len(buffer)]
        self._pieces[0] = self._pieces[0][len(piece):]
        if not self._pieces[0]:
            del self._pieces[0]
        buffer[:len(piece)] = piece
        self.given += len(piece)
        return len(piece)

    def drop(self):
        self._pieces = []


class _Arrived:
    """What a connection reads from: a buffered file over pieces, which counts what was used."""

    def __init__(self, data, cuts):
        self._raw = _Pieces(data, cuts)
        self.file = io.BufferedReader(self._raw)

    @property
    def ran_dry(self):
        return self._raw.ran_dry

    def used(self):
        self._raw.drop()
        return self._raw.given - len(self.file.read())


class _RequestParser(http.server.BaseHTTPRequestHandler):
    """http.server's parser without its connection: an error answer is raised instead of sent."""

    def __init__(self, file):  # pylint: disable=super-init-not-called
        self.rfile = file
        self.client_address = ("", 0)

    def send_error(self, code, message=None, explain=None):
        raise Raised("MessageError", message or "", status=int(code))

    def parse(self):
        # As handle_one_request begins.
        self.raw_requestline = self.rfile.readline(65537)
        if len(self.raw_requestline) > 65536:
            self.send_error(414, "Request-URI Too Long")
        if not self.parse_request():
            self.send_error(400, "the request line is empty")


def _fields(message):
    return [[name, str(value)] for name, value in message.items()]


def parse_request(bytes, cuts):
    arrived = _Arrived(bytes, cuts)
    parser = _RequestParser(arrived.file)
    try:
        parser.parse()
        length = parser.headers.get("content-length")
        try:
            size = int(length) if length else 0
        except ValueError:
            size = 0  # as the CGI handler of http.server takes it
        body = arrived.file.read(size) if size > 0 else b""
    except Raised:
        if arrived.ran_dry:
            raise Raised("Incomplete", "the bytes end within the header") from None
        raise
    if arrived.ran_dry:
        raise Raised("Incomplete", "the bytes end before the request does")
    return {"method": parser.command, "target": parser.path, "version": parser.request_version,
            "headers": _fields(parser.headers), "body": body, "consumed": arrived.used()}


class _FakeSocket:
    """Gives http.client its file, and keeps what it sends."""

    def __init__(self, file=None):
        self._file = file
        self.sent = b""

    def makefile(self, *_unused):
        return self._file

    def sendall(self, data):
        self.sent += data

    def close(self):
        pass


def parse_response(bytes, cuts, method, end):
    arrived = _Arrived(bytes, cuts)
    response = http.client.HTTPResponse(_FakeSocket(arrived.file), method=method)
    # A response closes its file at its end; what follows in it would be lost to used().
    response._close_conn = lambda: None  # pylint: disable=protected-access
    try:
        response.begin()
        body = response.read()
    except http.client.IncompleteRead:
        raise Raised("Incomplete", "the bytes end before the response does") from None
    except (http.client.HTTPException, ValueError) as wrong:
        if arrived.ran_dry:
            raise Raised("Incomplete", "the bytes end within the header") from None
        raise Raised("MessageError", "%s: %s" % (type(wrong).__name__, wrong)) from None
    if arrived.ran_dry and not end:
        raise Raised("Incomplete", "the response ends when the connection does")
    version = {9: "HTTP/0.9", 10: "HTTP/1.0", 11: "HTTP/1.1"}[response.version]
    return {"version": version, "status": response.status, "reason": response.reason,
            "headers": _fields(response.headers), "body": body, "consumed": arrived.used()}


def format_request(method, target, headers, body):
    connection = http.client.HTTPConnection("unused.invalid")
    connection.sock = _FakeSocket()
    # As HTTPConnection.request does, for headers of which one name may come twice.
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    except http.client.InvalidURL as wrong:
        raise Raised("ValueError", str(wrong)) from None
    for name, value in headers:
        connection.putheader(name, value)
    if body is not None and not any(name.lower() == "content-length" for name, _ in headers):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    return connection.sock.sent

