# assay_npm_testee(NAME): fetches the packages of a bundled testee's package.json, as its lock file
# says, into the folder that it is run from. The folder is the calling CMakeLists.txt's own.
find_program(NPM_PROGRAM npm)
function(assay_npm_testee name)
  if(NOT NPM_PROGRAM)
    message(STATUS "testee ${name} is not here: there is no npm")
    return()
  endif()
  set(folder "${ASSAY_DATA_DIRECTORY}/testees/${name}")
  set(descriptions "${CMAKE_CURRENT_SOURCE_DIR}/package.json"
                   "${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json")
  add_custom_command(
    OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/packages.stamp"
    COMMAND "${CMAKE_COMMAND}" -E copy ${descriptions} "${folder}"
    COMMAND "${NPM_PROGRAM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -E touch "${CMAKE_CURRENT_BINARY_DIR}/packages.stamp"
    DEPENDS ${descriptions}
    WORKING_DIRECTORY "${folder}"
    COMMENT "fetching the packages of the testee ${name} with npm"
    VERBATIM)
  add_custom_target("assay-testee-${name}" ALL
                    DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/packages.stamp")
endfunction()
