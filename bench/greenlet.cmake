# Switches of stacks: the reference beside Boost, swapcontext, CPython's greenlet and a floor.
assay_bench(greenlet SOURCES greenlet_bench.cc LIBRARIES ref::green Boost::context Boost::headers)
