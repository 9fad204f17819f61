"""PyPy as a testee: its standard library, with CPython's ops, and the greenlets built into it."""

import platform
import sys

import greenlet_ops
import standard_library
from assay_sdk import Adapter

adapter = Adapter("PyPy", "%d.%d.%d" % sys.pypy_version_info[:3]
                  + ", Python " + platform.python_version(),
                  supports=["queue", "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put",
                            "regex", "http", "-http.body", "-http.chunked",
                            "-http.format-response",
                            "udp", "tcp", "process", "thread", "pool", "iterator", "generator",
                            "coroutine", "greenlet", "cost"])
standard_library.add_to(adapter)
greenlet_ops.add_to(adapter)

if __name__ == "__main__":
    adapter.run()
