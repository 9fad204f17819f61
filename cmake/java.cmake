# assay_java_program(TARGET JAR [CLASSPATH JAR…] SOURCES FILE…): a jar of sources in Java. Without
# CLASSPATH it is an adapter: the SDK is in it, to be run with Gson beside it, and a testee.toml
# among the files becomes the class Supports. Without javac or a jar there is no such target.
find_program(ASSAY_JAVAC NAMES javac)
find_program(ASSAY_JAR NAMES jar)
set(ASSAY_GSON /usr/share/java/gson.jar)
include(testee_supports)

function(assay_java_program target jar)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "CLASSPATH;SOURCES")
  set(sources "")
  if(NOT arg_CLASSPATH)
    set(arg_CLASSPATH ${ASSAY_GSON})
    list(APPEND sources ${PROJECT_SOURCE_DIR}/conformance/sdk/java/AssaySdk.java)
  endif()
  foreach(needed ${arg_CLASSPATH} ${ASSAY_JAVAC} ${ASSAY_JAR})
    if(NOT EXISTS "${needed}")
      message(STATUS "no ${needed}: ${target} is not built")
      return()
    endif()
  endforeach()
  foreach(source ${arg_SOURCES})
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
  set(classes ${CMAKE_CURRENT_BINARY_DIR}/${target}-classes)
  list(JOIN arg_CLASSPATH ":" classpath)
  # Texts are put together without invokedynamic, which takes a while to set up at each start.
  add_custom_command(OUTPUT ${jar}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${classes}
    COMMAND ${ASSAY_JAVAC} -XDstringConcat=inline -encoding UTF-8 -Xlint:all,-serial,-path -Werror
            -cp ${classpath} -d ${classes} ${sources}
    COMMAND ${ASSAY_JAR} --create --file ${jar} -C ${classes} .
    DEPENDS ${sources} COMMENT "Building Java program ${target}" VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${jar})
endfunction()
