"""CPython as a testee: its processes, threads, queues, generators, re, http.client, http.server."""

import importlib
import platform

import cost_ops
import generator_ops
import iterator_ops
import net_ops
import pool_ops
import process_ops
import queue_ops
import regex_ops
import thread_ops
from assay_sdk import Adapter

adapter = Adapter("CPython", platform.python_version(),
                  supports=["queue", "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put",
                            "regex", "http", "-http.body", "-http.chunked",
                            "-http.format-response",
                            "udp", "tcp", "process", "thread", "pool", "iterator", "generator",
                            "coroutine", "cost"])
for ops in (queue_ops, regex_ops, iterator_ops, generator_ops, process_ops, thread_ops,
            net_ops, pool_ops, cost_ops):
    ops.add_to(adapter)

# The modules of the area http take longer to load than all else: loaded when first asked for.
for name in ("parse_request", "parse_response", "format_request"):
    adapter.op("http." + name)(
        lambda name=name, **params: getattr(importlib.import_module("http_ops"), name)(**params))

if __name__ == "__main__":
    adapter.run()
