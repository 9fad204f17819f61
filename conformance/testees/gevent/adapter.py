"""gevent and the greenlets under it, as they are."""

import gevent

from assay_sdk import Adapter
import green_ops
import greenlet_costs
import greenlet_ops

adapter = Adapter("gevent", gevent.__version__, supports=["greenlet", "green", "cost"])
greenlet_ops.add_to(adapter)
green_ops.add_to(adapter)
greenlet_costs.add_to(adapter)

adapter.run()
