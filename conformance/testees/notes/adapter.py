"""The notes' use of multiprocessing.Queue, written anew, faults included.

Their reader loops `if not q.empty(): q.get() … else: continue`, so a reader that waits for ever
spins, and between its look and its take another reader may be faster. Everything else is Queue's
own methods by the notes' tables. Nothing in the notes closes a queue.
"""

import multiprocessing
import platform

from assay_sdk import Adapter, Raised, from_base64, is_base64

adapter = Adapter("the study notes", platform.python_version(),
                  supports=["queue", "-queue.close",
                            "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put"])
queues = {}


def named(name):
    if name not in queues:
        raise Raised("NoSuchObject", "no queue named %r was opened here" % name)
    return queues[name]


@adapter.op("queue.open")
def open_queue(queue, maxsize):
    queues[queue] = multiprocessing.get_context("fork").Queue(maxsize)


@adapter.op("queue.put")
def put(queue, item, block, timeout):
    named(queue).put(from_base64(item) if is_base64(item) else item, block, timeout)


@adapter.op("queue.put_nowait")
def put_nowait(queue, item):
    named(queue).put_nowait(from_base64(item) if is_base64(item) else item)


@adapter.op("queue.get")
def get(queue, block, timeout):
    q = named(queue)
    if not block or timeout is not None:
        return q.get(block, timeout)
    while True:
        if not q.empty():
            return q.get()
        else:
            continue


@adapter.op("queue.get_nowait")
def get_nowait(queue):
    return named(queue).get_nowait()


adapter.op("queue.qsize")(lambda queue: named(queue).qsize())
adapter.op("queue.empty")(lambda queue: named(queue).empty())
adapter.op("queue.full")(lambda queue: named(queue).full())

if __name__ == "__main__":
    adapter.run()
