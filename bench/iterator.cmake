# Iteration: the reference beside Boost.Range, CPython and a bare loop.
assay_bench(iterator SOURCES iterator_bench.cc LIBRARIES ref::iterator Boost::headers)
