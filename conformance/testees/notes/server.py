"""The notes' static server on epoll, written anew: what it gets wrong, this gets wrong too.

It closes a client's socket before it takes it out of the epoll set, which ends the program on
Python 3.9 and later; it takes each segment of at most 1024 bytes for one request; its loop knows
only the event EPOLLIN; it joins the path to its root as it comes; it sends without looking whether
the client reads.
"""

import os
import re
import select
import socket
import sys

ROOT = "./html"


def open_listener(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", port))
    listener.listen(128)
    return listener


def read_page(path):
    """Status line and body."""
    name = ROOT + ("/index.html" if path == "/" else path)
    try:
        with open(name, "rb") as page:
            return "http/1.1 200 ok \r\n", page.read()
    except (OSError, ValueError):
        return "http/1.1 404 not found page \r\n", b"you brower page web not found"


def answer(client, segment):
    lines = segment.decode().splitlines()
    for line in lines:
        print(line)
    path = re.match(r"[^/]+(/[^ ]*)", lines[0]).group(1)
    status_line, body = read_page(path)
    header = "%sContent-Length: %d\r\n\r\n" % (status_line, len(body))
    client.send(header.encode() + body)


def serve(listener):
    clients = {}
    watched = select.epoll()
    watched.register(listener.fileno(), select.EPOLLIN)
    while True:
        for descriptor, event in watched.poll():
            if descriptor == listener.fileno():
                client, address = listener.accept()
                clients[client.fileno()] = client
                watched.register(client.fileno(), select.EPOLLIN)
                print("new client", address)
            elif event == select.EPOLLIN:
                segment = clients[descriptor].recv(1024)
                if segment:
                    answer(clients[descriptor], segment)
                else:
                    print("end of service")
                    clients[descriptor].close()
                    watched.unregister(descriptor)
                    del clients[descriptor]


def main():
    if len(sys.argv) != 2:
        print("please input format run 'python3 xx.py 8888'")
        return
    port = int(sys.argv[1])
    print("WSGIServer run in port ", port)
    serve(open_listener(port))


if __name__ == "__main__":
    if "ASSAY_ROOT" in os.environ:  # the notes serve ./html
        os.chdir(os.environ["ASSAY_SCRATCH"])
        os.symlink(os.environ["ASSAY_ROOT"], "html")
    main()
