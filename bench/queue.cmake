# Messages between processes: the reference beside Boost, pipe, POSIX mqueue, CPython and a floor.
add_executable(queue_bench queue_bench.cc peers/processes.cc)
target_link_libraries(queue_bench PRIVATE ref::queue nlohmann_json::nlohmann_json
                      benchmark::benchmark assay_bench_testees Boost::headers rt assay::warnings)
target_compile_definitions(queue_bench PRIVATE
  ASSAY_QUEUE_CPYTHON="${ASSAY_DATA_DIRECTORY}/bench/queue_cpython.py")
set_target_properties(queue_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      "${CMAKE_BINARY_DIR}/bin/bench")
configure_file(peers/queue_cpython.py "${ASSAY_DATA_DIRECTORY}/bench/queue_cpython.py" COPYONLY)
