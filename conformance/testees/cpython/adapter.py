"""CPython as a testee: its processes, threads, queues, generators, re, http.client, http.server."""

import platform

import standard_library
from assay_sdk import Adapter

adapter = Adapter("CPython", platform.python_version(),
                  supports=["queue", "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put",
                            "regex", "http", "-http.body", "-http.chunked",
                            "-http.format-response",
                            "udp", "tcp", "process", "thread", "pool", "iterator", "generator",
                            "coroutine", "cost"])
standard_library.add_to(adapter)

if __name__ == "__main__":
    adapter.run()
