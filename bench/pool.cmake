# Tasks for worker processes: the reference beside CPython's pools, a ring and pipes.
assay_bench(pool SOURCES pool_bench.cc LIBRARIES ref::pool ref::queue Boost::headers rt)
