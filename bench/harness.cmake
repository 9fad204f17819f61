# The harness itself: a round trip, a testee's start and end, cases through the program.
add_executable(harness_bench harness_bench.cc)
target_link_libraries(harness_bench PRIVATE assay_bench_testees benchmark::benchmark
                      assay::warnings)
set_target_properties(harness_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      "${CMAKE_BINARY_DIR}/bin/bench")
