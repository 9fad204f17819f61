"""Sends back what comes: echo_python.py LIBRARY KIND PORT.

LIBRARY is `cpython` (blocking calls and selectors) or `gevent`; KIND is `udp`, `tcp` or `sink` (one
stream to its end, then the number of its bytes). Runs until it is killed.
"""
import selectors
import socket
import sys

LARGE = 256 << 10


def bound(kind, port):
    made = socket.socket(socket.AF_INET, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    if kind == socket.SOCK_STREAM:
        made.listen(1024)
    return made


def udp(port):
    here = bound(socket.SOCK_DGRAM, port)
    while True:
        data, sender = here.recvfrom(2048)
        here.sendto(data, sender)


def echo(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := connection.recv(16384):
        connection.sendall(data)


def tcp_by_selectors(port):
    listener = bound(socket.SOCK_STREAM, port)
    ready = selectors.DefaultSelector()
    ready.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            connection = key.fileobj
            if connection is listener:
                made, _ = listener.accept()
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(made, selectors.EVENT_READ)
            elif data := connection.recv(16384):
                connection.sendall(data)
            else:
                ready.unregister(connection)
                connection.close()


def tcp_by_greenlets(port):
    from gevent.server import StreamServer
    StreamServer(("127.0.0.1", port), lambda connection, _: echo(connection)).serve_forever()


def sink(port):
    listener = bound(socket.SOCK_STREAM, port)
    room = bytearray(LARGE)
    while True:
        connection, _ = listener.accept()
        taken = 0
        while got := connection.recv_into(room):
            taken += got
        connection.sendall(taken.to_bytes(8, sys.byteorder))
        connection.close()


def main():
    library, kind, port = sys.argv[1:]
    if library == "gevent":
        from gevent import monkey
        monkey.patch_all()
    tcp = tcp_by_greenlets if library == "gevent" else tcp_by_selectors
    {"udp": udp, "tcp": tcp, "sink": sink}[kind](int(port))


main()
