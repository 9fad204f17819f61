"""The module queue as a testee: a queue between the threads of one process."""

import platform
import queue

import queue_ops
from assay_sdk import Adapter

adapter = Adapter("queue.Queue", platform.python_version(), supports=[
    "queue.open", "queue.size", "queue.get", "queue.put", "queue.items", "queue.errors",
    "-queue.get/blocks-until-a-put", "-queue.get/timeout-ends-with-a-put",
    "-queue.get/each-waiting-process-gets-an-item",
    "-queue.put/blocks-while-full", "-queue.put/timeout-ends-with-a-get"])
queue_ops.add_to(adapter, queue.Queue)

adapter.run()
