# assay_java_program(TARGET JAR FILE…): a jar of sources in Java and of the SDK, to be run with Gson
# beside it. A testee.toml among them becomes the class Supports. Without javac or Gson there is no
# such target.
find_program(ASSAY_JAVAC NAMES javac)
find_program(ASSAY_JAR NAMES jar)
find_file(ASSAY_GSON NAMES gson.jar PATHS /usr/share/java NO_DEFAULT_PATH)
include(testee_supports)

function(assay_java_program target jar)
  if(NOT ASSAY_JAVAC OR NOT ASSAY_JAR OR NOT ASSAY_GSON)
    message(STATUS "no javac, jar or Gson: ${target} is not built")
    return()
  endif()
  set(classes ${CMAKE_CURRENT_BINARY_DIR}/${target}-classes)
  set(sources ${PROJECT_SOURCE_DIR}/conformance/sdk/java/AssaySdk.java)
  foreach(source ${ARGN})
    if(source STREQUAL "testee.toml")
      assay_testee_supports(${CMAKE_CURRENT_SOURCE_DIR}/${source} entries)
      set(made ${CMAKE_CURRENT_BINARY_DIR}/Supports.java)
      file(CONFIGURE OUTPUT ${made} @ONLY CONTENT
"final class Supports {
  static final java.util.List<String> ALL = java.util.List.of(@entries@);
}
")
      list(APPEND sources ${made})
    else()
      list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    endif()
  endforeach()
  # Texts are put together without invokedynamic, which takes a while to set up at each start.
  add_custom_command(OUTPUT ${jar}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${classes}
    COMMAND ${ASSAY_JAVAC} -XDstringConcat=inline -encoding UTF-8 -Xlint:all,-serial -Werror
            -cp ${ASSAY_GSON} -d ${classes} ${sources}
    COMMAND ${ASSAY_JAR} --create --file ${jar} -C ${classes} .
    DEPENDS ${sources} COMMENT "Building Java program ${target}" VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${jar})
endfunction()
