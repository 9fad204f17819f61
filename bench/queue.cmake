# Messages between processes: the reference beside Boost, pipe, POSIX mqueue, CPython and a floor.
assay_bench(queue SOURCES queue_bench.cc peers/processes.cc
            LIBRARIES ref::queue Boost::headers rt)
