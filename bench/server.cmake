# The static file server under wrk, beside nginx, lighttpd, busybox, Python and a floor.
add_executable(server-floor peers/server_floor.cc)
target_link_libraries(server-floor PRIVATE assay::warnings)
add_executable(server_bench server_bench.cc peers/servers.cc peers/wrk.cc)
target_link_libraries(server_bench PRIVATE assay_bench_testees fmt::fmt benchmark::benchmark
                                           assay::warnings)
target_compile_definitions(server_bench PRIVATE
  ASSAY_PROGRAMS="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
set_target_properties(server_bench server-floor PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      "${CMAKE_BINARY_DIR}/bin/bench")
add_dependencies(server_bench epoll-server server-floor)
