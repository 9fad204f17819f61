# The project's own rules as a test: arrows between parts, dead files, widths.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(ASSAY_BUILD_TESTS AND EXISTS "${PROJECT_SOURCE_DIR}/.git")
  add_test(NAME tidy COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/cmake/tidy.py"
                             "${PROJECT_SOURCE_DIR}")
  set_tests_properties(tidy PROPERTIES LABELS tidy)
endif()
