# HTTP messages: the reference's parser and writer beside Boost.Beast's, and a floor.
assay_bench(http SOURCES http_bench.cc LIBRARIES ref::http Boost::headers Threads::Threads)
