"""CPython's standard library as a testee: multiprocessing.Queue, re, http.client, http.server."""

import platform

import http_ops
import queue_ops
import regex_ops
from assay_sdk import Adapter

adapter = Adapter("CPython", platform.python_version(), supports=["queue", "regex", "http"])
queue_ops.add_to(adapter)
regex_ops.add_to(adapter)
http_ops.add_to(adapter)

if __name__ == "__main__":
    adapter.run()
