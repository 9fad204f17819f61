# Steps of generators: the reference beside Boost.Coroutine2, CPython and a bare coroutine.
assay_bench(generator SOURCES generator_bench.cc
            LIBRARIES ref::generator Boost::context Boost::headers)
# A step is so short that where in a line of the cache its loops begin decides up to a third of it,
# for the floor as for the reference. So they begin alike in every build.
set_source_files_properties(
  generator_bench.cc
  PROPERTIES COMPILE_OPTIONS
             "$<$<CXX_COMPILER_ID:GNU>:-falign-functions=64;-falign-loops=64;-falign-jumps=32>")
