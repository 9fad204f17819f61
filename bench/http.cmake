# HTTP messages: the reference's parser and writer beside Boost.Beast's, and a floor.
add_executable(http_bench http_bench.cc)
target_link_libraries(http_bench PRIVATE ref::http assay_bench_testees benchmark::benchmark
                      Boost::headers Threads::Threads assay::warnings)
set_target_properties(http_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      "${CMAKE_BINARY_DIR}/bin/bench")
