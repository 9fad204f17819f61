# assay_add_testee(NAME name TOML testee.toml [AREAS area…] [ADAPTER target] [ARGUMENTS argument…])
#
# Registers the spec's run of one testee in this project's own ctest: a test `assay.<name>`, or with
# AREAS one test `assay.<name>.<area>` each, all with the labels assay and the testee's name. They
# fail when a verdict is neither a pass nor one that testee.toml expects.
#
# The testee.toml is copied to <build>/assay/<name>/. With ADAPTER the target's program is linked
# beside it, so that the description can name it as {testee}/<program>. ARGUMENTS go to
# `assay check`. Call it after enable_testing().
function(assay_add_testee)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TOML;ADAPTER" "AREAS;ARGUMENTS")
  foreach(needed NAME TOML)
    if(NOT arg_${needed})
      message(FATAL_ERROR "assay_add_testee: ${needed} is missing")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "assay_add_testee: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/assay/${arg_NAME}")
  configure_file("${arg_TOML}" "${folder}/testee.toml" COPYONLY)
  if(arg_ADAPTER)
    add_custom_command(TARGET ${arg_ADAPTER} POST_BUILD VERBATIM
      COMMAND ${CMAKE_COMMAND} -E create_symlink
              "$<TARGET_FILE:${arg_ADAPTER}>" "${folder}/$<TARGET_FILE_NAME:${arg_ADAPTER}>")
  endif()

  if(arg_AREAS)
    foreach(area IN LISTS arg_AREAS)
      add_test(NAME assay.${arg_NAME}.${area}
               COMMAND "${ASSAY_PROGRAM}" check "${folder}/testee.toml" --area ${area}
                       ${arg_ARGUMENTS})
      set_tests_properties(assay.${arg_NAME}.${area} PROPERTIES
                           LABELS "assay;${arg_NAME};${area}")
    endforeach()
  else()
    add_test(NAME assay.${arg_NAME}
             COMMAND "${ASSAY_PROGRAM}" check "${folder}/testee.toml" ${arg_ARGUMENTS})
    set_tests_properties(assay.${arg_NAME} PROPERTIES LABELS "assay;${arg_NAME}")
  endif()
endfunction()
