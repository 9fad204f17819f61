# Steps of generators: the reference beside Boost.Coroutine2, CPython and a bare coroutine.
assay_bench(generator SOURCES generator_bench.cc
            LIBRARIES ref::generator Boost::context Boost::headers)
