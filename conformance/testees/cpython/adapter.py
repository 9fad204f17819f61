"""CPython's standard library as a testee: multiprocessing.Queue, re, http.client, http.server."""

import importlib
import platform

import queue_ops
import regex_ops
from assay_sdk import Adapter

adapter = Adapter("CPython", platform.python_version(),
                  supports=["queue", "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put",
                            "regex", "http", "-http.body", "-http.chunked",
                            "-http.format-response"])
queue_ops.add_to(adapter)
regex_ops.add_to(adapter)

# The modules of the area http take longer to load than all else: loaded when first asked for.
for name in ("parse_request", "parse_response", "format_request"):
    adapter.op("http." + name)(
        lambda name=name, **params: getattr(importlib.import_module("http_ops"), name)(**params))

if __name__ == "__main__":
    adapter.run()
