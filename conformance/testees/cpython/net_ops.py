"""Ops of the areas udp and tcp: socket.socket as it is, or what has its interface."""

import select
import socket as sockets
import struct
import zlib

from assay_sdk import Raised, from_base64, is_base64

FAMILIES = {"inet": sockets.AF_INET, "inet6": sockets.AF_INET6}
HOW = {"read": sockets.SHUT_RD, "write": sockets.SHUT_WR, "both": sockets.SHUT_RDWR}
OPTIONS = {"reuse_address": (sockets.SOL_SOCKET, sockets.SO_REUSEADDR),
           "accepting": (sockets.SOL_SOCKET, sockets.SO_ACCEPTCONN),
           "send_buffer": (sockets.SOL_SOCKET, sockets.SO_SNDBUF),
           "receive_buffer": (sockets.SOL_SOCKET, sockets.SO_RCVBUF),
           "no_delay": (sockets.IPPROTO_TCP, sockets.TCP_NODELAY)}
EVENTS = {"read": select.POLLIN, "write": select.POLLOUT}
PERIOD = 65521
STREAM = bytes((31 * p + p // 256) & 0xff for p in range(PERIOD)) * 2

_open = {}


def _named(name):
    if name not in _open:
        raise Raised("NoSuchObject", "no socket %r is open" % name)
    return _open[name]


def _timed(name, timeout):
    """The socket with that timeout; one that may not block stays so."""
    found = _named(name)
    if found.gettimeout() != 0 or timeout is not None:
        found.settimeout(timeout)
    return found


def _payload(data):
    return from_base64(data) if is_base64(data) else data


def _known(table, name):
    if name not in table:
        raise Raised("ValueError", "there is no %r" % name)
    return table[name]


def _opener(kind, make_socket):
    def make(socket, family):
        if socket in _open:
            _open[socket].close()
        _open[socket] = make_socket(_known(FAMILIES, family), kind)
    return make


def _receive_from(socket, limit, timeout):
    data, address = _timed(socket, timeout).recvfrom(limit)
    return {"data": data, "address": list(address[:2])}


def _receive_text(socket, timeout):
    data, address = _timed(socket, timeout).recvfrom(65535)
    return {"text": data.decode("utf-8"), "address": list(address[:2])}


def _accept(**params):
    made, address = _timed(params["socket"], params["timeout"]).accept()
    _open[params["as"]] = made
    return list(address[:2])


def _connect(socket, host, port, timeout=None):
    _timed(socket, timeout).connect((host, port))


def _reset(socket):
    found = _named(socket)
    found.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
    found.close()


def _set_option(socket, name, value):
    if name == "congestion":
        _named(socket).setsockopt(sockets.IPPROTO_TCP, sockets.TCP_CONGESTION, value.encode())
    else:
        _named(socket).setsockopt(*_known(OPTIONS, name), value)


def _get_option(socket, name):
    if name == "congestion":
        value = _named(socket).getsockopt(sockets.IPPROTO_TCP, sockets.TCP_CONGESTION, 16)
        return value.rstrip(b"\0").decode()
    return _named(socket).getsockopt(*_known(OPTIONS, name))


def _send_stream(socket, bytes, piece):
    to, sent, crc = _named(socket), 0, 0
    while sent < bytes:
        start = sent % PERIOD
        part = STREAM[start:start + min(piece, bytes - sent, PERIOD)]
        to.sendall(part)
        crc = zlib.crc32(part, crc)
        sent += len(part)
    return {"bytes": sent, "crc32": crc}


def _receive_stream(socket, limit, piece):
    of, count, crc = _named(socket), 0, 0
    while count < limit:
        part = of.recv(min(piece, limit - count))
        if not part:
            break
        crc = zlib.crc32(part, crc)
        count += len(part)
    return {"bytes": count, "crc32": crc}


def _poller(make_poll):
    def wait(socket, events, timeout):
        wanted = 0
        for event in events:
            wanted |= _known(EVENTS, event)
        poll = make_poll()
        poll.register(_named(socket), wanted)
        ready = poll.poll(None if timeout is None else timeout * 1000)
        found = ready[0][1] if ready else 0
        return [name for name, flag in EVENTS.items() if found & flag]
    return wait


def _add_common(adapter, area, opener):
    adapter.op(area + ".open")(opener)
    adapter.op(area + ".bind")(lambda socket, host, port: _named(socket).bind((host, port)))
    adapter.op(area + ".connect")(_connect)
    adapter.op(area + ".local_name")(lambda socket: list(_named(socket).getsockname()[:2]))
    adapter.op(area + ".close")(lambda socket: _named(socket).close())


def add_to(adapter, make_socket=sockets.socket, make_poll=select.poll):
    _add_common(adapter, "udp", _opener(sockets.SOCK_DGRAM, make_socket))
    adapter.op("udp.send_to")(lambda socket, data, host, port: _named(socket).sendto(
        _payload(data), (host, port)))
    adapter.op("udp.send")(lambda socket, data: _named(socket).send(_payload(data)))
    adapter.op("udp.receive_from")(_receive_from)
    adapter.op("udp.receive_text")(_receive_text)
    adapter.op("udp.listen")(lambda socket: _named(socket).listen())

    _add_common(adapter, "tcp", _opener(sockets.SOCK_STREAM, make_socket))
    adapter.op("tcp.listen")(lambda socket, backlog: _named(socket).listen(backlog))
    adapter.op("tcp.accept")(_accept)
    adapter.op("tcp.send")(lambda socket, data, timeout: _timed(socket, timeout).send(
        _payload(data)))
    adapter.op("tcp.send_all")(lambda socket, data, timeout: _timed(socket, timeout).sendall(
        _payload(data)))
    adapter.op("tcp.receive")(lambda socket, limit, timeout: _timed(socket, timeout).recv(limit))
    adapter.op("tcp.shutdown")(lambda socket, how: _named(socket).shutdown(_known(HOW, how)))
    adapter.op("tcp.reset")(_reset)
    adapter.op("tcp.set_blocking")(lambda socket, blocking: _named(socket).setblocking(blocking))
    adapter.op("tcp.set_option")(_set_option)
    adapter.op("tcp.get_option")(_get_option)
    adapter.op("tcp.peer_name")(lambda socket: list(_named(socket).getpeername()[:2]))
    adapter.op("tcp.fileno")(lambda socket: _named(socket).fileno())
    adapter.op("tcp.send_stream")(_send_stream)
    adapter.op("tcp.receive_stream")(_receive_stream)
    adapter.op("tcp.poll")(_poller(make_poll))
