# Echo over UDP and TCP: the reference's sockets beside Asio, libuv, CPython, gevent and floors.
add_library(assay_bench_echo STATIC peers/echo_load.cc peers/echo_servers.cc peers/processes.cc)
target_link_libraries(assay_bench_echo PUBLIC ref::net ref::green
                      PRIVATE assay::harness Boost::headers Threads::Threads assay::warnings)
target_compile_definitions(assay_bench_echo PRIVATE
  ASSAY_ECHO_PYTHON="${ASSAY_DATA_DIRECTORY}/bench/echo_python.py")
# A peer that may be absent.
pkg_check_modules(libuv QUIET IMPORTED_TARGET libuv)
if(libuv_FOUND)
  target_link_libraries(assay_bench_echo PRIVATE PkgConfig::libuv)
  target_compile_definitions(assay_bench_echo PRIVATE ASSAY_WITH_LIBUV)
endif()
add_executable(udp_bench udp_bench.cc)
add_executable(tcp_bench tcp_bench.cc)
foreach(program udp_bench tcp_bench)
  target_link_libraries(${program} PRIVATE assay_bench_echo assay_bench_testees
                        benchmark::benchmark assay::warnings)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                        "${CMAKE_BINARY_DIR}/bin/bench")
endforeach()
configure_file(peers/echo_python.py "${ASSAY_DATA_DIRECTORY}/bench/echo_python.py" COPYONLY)
