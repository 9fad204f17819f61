# Regular expressions: the reference beside PCRE2, RE2, std::regex, Boost.Regex, CPython, a floor.
add_executable(regex_bench regex_bench.cc regex_texts.cc)
target_link_libraries(regex_bench PRIVATE ref::regex nlohmann_json::nlohmann_json PkgConfig::pcre2
                      PkgConfig::re2 assay_bench_testees benchmark::benchmark Boost::headers
                      assay::warnings)
target_compile_definitions(regex_bench PRIVATE
  ASSAY_REGEX_CPYTHON="${ASSAY_DATA_DIRECTORY}/bench/regex_cpython.py")
set_target_properties(regex_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                      "${CMAKE_BINARY_DIR}/bin/bench")
configure_file(peers/regex_cpython.py "${ASSAY_DATA_DIRECTORY}/bench/regex_cpython.py" COPYONLY)
