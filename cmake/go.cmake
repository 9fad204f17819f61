# assay_go_program(NAME FILE…): bin/NAME of sources in Go, with the SDK as package adapter/assay. A
# testee.toml among them becomes `var supports`. Nothing is downloaded: they have the standard
# library alone. Without the go command there is no such target.
find_program(ASSAY_GO NAMES go)
include(testee_supports)

function(assay_go_program name)
  if(NOT ASSAY_GO)
    message(STATUS "no go command: ${name} is not built")
    return()
  endif()
  set(module ${CMAKE_CURRENT_BINARY_DIR}/${name}-module)
  set(program ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name})
  file(CONFIGURE OUTPUT ${module}/go.mod CONTENT "module adapter\n\ngo 1.19\n")
  set(copied "")
  foreach(source ${ARGN} ${PROJECT_SOURCE_DIR}/conformance/sdk/go/assay_sdk.go)
    get_filename_component(file ${source} NAME)
    set(place ${module}/${file})
    if(file STREQUAL "testee.toml")
      assay_testee_supports(${CMAKE_CURRENT_SOURCE_DIR}/${source} entries)
      set(place ${module}/supports.go)
      file(CONFIGURE OUTPUT ${place}
           CONTENT "package main\n\nvar supports = []string{@entries@}\n" @ONLY)
    elseif(file STREQUAL "assay_sdk.go")
      set(place ${module}/assay/${file})
      configure_file(${source} ${place} COPYONLY)
    else()
      configure_file(${source} ${place} COPYONLY)
    endif()
    list(APPEND copied ${place})
  endforeach()
  add_custom_command(OUTPUT ${program}
    COMMAND ${CMAKE_COMMAND} -E env CGO_ENABLED=0 GO111MODULE=on GOFLAGS=-mod=mod GOPROXY=off
            GOWORK=off GOCACHE=${CMAKE_BINARY_DIR}/go-cache
            ${ASSAY_GO} build -trimpath -o ${program} .
    WORKING_DIRECTORY ${module} DEPENDS ${copied}
    COMMENT "Building Go program bin/${name}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${program})
endfunction()
