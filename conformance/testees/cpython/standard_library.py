"""The ops of Python's standard library, for every interpreter that has it."""

import importlib

import cost_ops
import generator_ops
import iterator_ops
import net_ops
import pool_ops
import process_ops
import queue_ops
import regex_ops
import thread_ops


def add_to(adapter):
    for ops in (queue_ops, regex_ops, iterator_ops, generator_ops, process_ops, thread_ops,
                net_ops, pool_ops, cost_ops):
        ops.add_to(adapter)

    # The modules of the area http take longer to load than all else: loaded when first asked for.
    for name in ("parse_request", "parse_response", "format_request"):
        adapter.op("http." + name)(
            lambda name=name, **params: getattr(importlib.import_module("http_ops"), name)(
                **params))
