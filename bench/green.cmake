# Green threads: the reference beside Boost.Fiber where it is installed, gevent and asyncio.
find_package(Boost 1.81 QUIET OPTIONAL_COMPONENTS fiber)
assay_bench(green SOURCES green_bench.cc LIBRARIES ref::green)
if(TARGET Boost::fiber)
  target_link_libraries(green_bench PRIVATE Boost::fiber)
  target_compile_definitions(green_bench PRIVATE ASSAY_BENCH_BOOST_FIBER)
endif()
