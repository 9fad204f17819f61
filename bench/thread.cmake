# Start and end of threads: the reference beside std::thread, CPython and a bare pthread.
assay_bench(thread SOURCES thread_bench.cc LIBRARIES ref::thread ref::base)
