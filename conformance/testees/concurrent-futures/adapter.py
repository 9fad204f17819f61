"""concurrent.futures as a testee: its executor of processes, or the one of threads."""

import concurrent.futures
import multiprocessing
import platform
import sys

import executor_ops
from assay_sdk import Adapter


def processes(size, **more):
    return concurrent.futures.ProcessPoolExecutor(
        size, mp_context=multiprocessing.get_context("fork"), **more)


NOT_IN_EXECUTORS = ["-pool.imap", "-pool.map/starmap-spreads-arguments", "-pool.terminate",
                    "-pool.async/successful-tells", "-pool.join/needs-close-first"]
EXECUTORS = {
    "ProcessPoolExecutor": (processes, ["pool", *NOT_IN_EXECUTORS,
                                        "-pool.workers/replaced-after-their-number-of-tasks"]),
    "ThreadPoolExecutor": (concurrent.futures.ThreadPoolExecutor, ["pool", *NOT_IN_EXECUTORS]),
}

name = sys.argv[1]
make, supports = EXECUTORS[name]
adapter = Adapter(name, platform.python_version(), supports=supports)
executor_ops.add_to(adapter, make)

adapter.run()
