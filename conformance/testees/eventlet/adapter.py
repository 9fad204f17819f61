"""eventlet, its sockets, and the greenlets under it, as they are."""

import eventlet
from eventlet.green import select, socket

import net_ops
from assay_sdk import Adapter
import green_ops
import greenlet_ops


class Poll:
    """What the op poll asks, by select: eventlet takes poll itself away."""

    def register(self, waited_for, wanted):
        self._on = [[waited_for] if wanted & event else []
                    for event in (net_ops.EVENTS["read"], net_ops.EVENTS["write"])]

    def poll(self, milliseconds):
        readable, writable, _ = select.select(
            *self._on, [], None if milliseconds is None else milliseconds / 1000)
        found = (net_ops.EVENTS["read"] if readable else 0) | (
            net_ops.EVENTS["write"] if writable else 0)
        return [(None, found)] if found else []


adapter = Adapter("eventlet", eventlet.__version__,
                  supports=["udp", "tcp", "greenlet", "green", "-green.exceptions/get-raises",
                            "-green.get/returns-the-value", "-green.join/timeout",
                            "-green.kill/before-its-start-never-runs"])
net_ops.add_to(adapter, socket.socket, Poll)
greenlet_ops.add_to(adapter)
green_ops.add_to(adapter)

adapter.run()
