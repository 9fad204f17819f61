# Run by the build when the commit changes, with SOURCE, TEMPLATE and OUTPUT.
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty=+
                OUTPUT_VARIABLE ASSAY_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE
                ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(ASSAY_COMMIT "unknown")
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
