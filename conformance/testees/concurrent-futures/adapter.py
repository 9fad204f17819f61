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


EXECUTORS = {
    "ProcessPoolExecutor": (processes, [
        "pool", "-pool.imap", "-pool.map/starmap-spreads-arguments", "-pool.terminate",
        "-pool.async/successful-tells", "-pool.join/needs-close-first",
        "-pool.workers/replaced-after-their-number-of-tasks"]),
    "ThreadPoolExecutor": (concurrent.futures.ThreadPoolExecutor, [
        "pool.size/bad-sizes-refused", "pool.size/default-is-the-usable-processors",
        "pool.order/tasks-begin-in-their-order", "pool.order/waves", "pool.example",
        "pool.close/refuses-new-tasks", "pool.join/waits-for-all",
        "pool.apply", "pool.async", "-pool.async/successful-tells",
        "pool.errors", "-pool.errors/worker-stays",
        "pool.map/keeps-the-order", "pool.map/raises-what-a-task-raised"]),
}

name = sys.argv[1]
make, supports = EXECUTORS[name]
adapter = Adapter(name, platform.python_version(), supports=supports)
executor_ops.add_to(adapter, make)

adapter.run()
