# assay_test(NAME queue_test SOURCES … LIBRARIES … LABELS …): a GoogleTest program, one ctest test.
include(CTest)
enable_testing()

# Upper bounds of time are scaled where instrumentation makes everything slow.
set(ASSAY_TEST_ENVIRONMENT "")
set(tsan_suppressions "${PROJECT_SOURCE_DIR}/cmake/tsan_suppressions.txt")
if(ASSAY_SANITIZE)
  set(ASSAY_TEST_ENVIRONMENT
    "ASSAY_TIME_SCALE=5"
    "ASAN_OPTIONS=detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=print_stacktrace=1"
    # A program may end while a pool or a hub of it still has threads.
    "TSAN_OPTIONS=halt_on_error=1:report_thread_leaks=0:suppressions=${tsan_suppressions}")
endif()

function(assay_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS")
  if(NOT ASSAY_BUILD_TESTS)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest
                        GTest::gtest_main assay::warnings)
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME})
  set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                       ENVIRONMENT "${ASSAY_TEST_ENVIRONMENT}")
endfunction()
