# The static file server under wrk, beside nginx, lighttpd, busybox, Python and a floor.
add_executable(server-floor peers/server_floor.cc)
target_link_libraries(server-floor PRIVATE assay::warnings)
assay_bench(server SOURCES server_bench.cc peers/servers.cc peers/wrk.cc LIBRARIES fmt::fmt)
target_compile_definitions(server_bench PRIVATE
  ASSAY_PROGRAMS="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
set_target_properties(server-floor PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      "${CMAKE_BINARY_DIR}/bin/bench")
add_dependencies(server_bench epoll-server server-floor)
