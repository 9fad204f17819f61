"""asyncio as a testee: its tasks are the green threads, and its queue is theirs."""

import platform

import green_ops
from assay_sdk import Adapter

adapter = Adapter("asyncio", platform.python_version(), supports=[
    "green", "-green.patch/sleep-lets-others-run", "-green.patch/receive-lets-others-run",
    "-green.order/the-process-example", "-green.spawn/delay-is-waited-for",
    "-green.get/returns-the-value", "-green.exceptions/get-raises", "-green.join/timeout",
    "-green.kill/before-its-start-never-runs"])
green_ops.add_to(adapter)

adapter.run()
