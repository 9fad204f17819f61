# Echo over UDP and TCP: the reference's sockets beside Asio, libuv, CPython, gevent and floors.
add_library(assay_bench_echo STATIC peers/echo_load.cc peers/echo_servers.cc peers/processes.cc)
target_link_libraries(assay_bench_echo PUBLIC ref::net ref::green assay_bench_rows
                      PRIVATE assay::harness Boost::headers Threads::Threads assay::warnings)
target_compile_definitions(assay_bench_echo PRIVATE
  ASSAY_ECHO_PYTHON="${ASSAY_DATA_DIRECTORY}/bench/echo_python.py")
# A peer that may be absent.
pkg_check_modules(libuv QUIET IMPORTED_TARGET libuv)
if(libuv_FOUND)
  target_link_libraries(assay_bench_echo PRIVATE PkgConfig::libuv)
  target_compile_definitions(assay_bench_echo PRIVATE ASSAY_WITH_LIBUV)
endif()
assay_bench(udp SOURCES udp_bench.cc LIBRARIES assay_bench_echo)
assay_bench(tcp SOURCES tcp_bench.cc LIBRARIES assay_bench_echo)
configure_file(peers/echo_python.py "${ASSAY_DATA_DIRECTORY}/bench/echo_python.py" COPYONLY)
