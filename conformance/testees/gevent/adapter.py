"""gevent, its sockets, and the greenlets under it, as they are."""

import gevent
import gevent.select
import gevent.socket

import net_ops
from assay_sdk import Adapter
import green_ops
import greenlet_costs
import greenlet_ops

adapter = Adapter("gevent", gevent.__version__,
                  supports=["udp", "tcp", "greenlet", "green", "cost"])
net_ops.add_to(adapter, gevent.socket.socket, gevent.select.poll)
greenlet_ops.add_to(adapter)
green_ops.add_to(adapter)
greenlet_costs.add_to(adapter)

adapter.run()
