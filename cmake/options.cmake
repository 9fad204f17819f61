# Language level, output places and the switches of the build.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(ASSAY_BUILD_TESTS "build the tests" ON)
option(ASSAY_BUILD_BENCH "build the benchmarks" ON)
option(ASSAY_BUILD_SABOTEURS "build the deliberately wrong testees" ON)
option(ASSAY_BUILD_PAGE "build the page of the report (needs Node.js and npm)" ON)
option(ASSAY_ALL_TESTEES "build the testees that need packages of the purpose `all` too" OFF)
option(ASSAY_WERROR "warnings are errors" OFF)
set(ASSAY_SANITIZE "" CACHE STRING "address (with undefined) or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

include(GNUInstallDirs)

# Programs stand together, data beside them as after an installation.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(ASSAY_DATA_DIRECTORY "${CMAKE_BINARY_DIR}/share/assay")
file(MAKE_DIRECTORY "${ASSAY_DATA_DIRECTORY}")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
