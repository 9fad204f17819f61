# assay_rust_program(NAME [CRATES crate…] FILES file…): bin/NAME of sources in Rust, with the SDK
# as module assay_sdk. A testee.toml among them becomes module supports, with the const SUPPORTS.
# Crates are Debian's, which its cargo finds in /usr/share/cargo/registry; nothing is downloaded.
# Debian's cargo and rustc are taken even where others come first. Without them there is no such
# target. The program finds rustc's version by env!("ASSAY_RUST_VERSION").
include(testee_supports)
find_program(ASSAY_CARGO NAMES cargo PATHS /usr/bin NO_DEFAULT_PATH)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/cargo-home/config.toml CONTENT [[
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
]])

if(EXISTS /usr/bin/rustc)
  execute_process(COMMAND /usr/bin/rustc --version OUTPUT_VARIABLE ASSAY_RUST_VERSION)
  string(REGEX MATCH "[0-9.]+" ASSAY_RUST_VERSION "${ASSAY_RUST_VERSION}")
endif()

function(assay_rust_program name)
  cmake_parse_arguments(RUST "" "" "CRATES;FILES" ${ARGN})
  if(NOT ASSAY_CARGO OR NOT EXISTS /usr/share/cargo/registry)
    message(STATUS "Debian's cargo and crates are not here: ${name} is not built")
    return()
  endif()
  set(package ${CMAKE_CURRENT_BINARY_DIR}/${name}-package)
  set(crates "serde_json = \"1\"")
  foreach(crate ${RUST_CRATES})
    string(APPEND crates "\n${crate} = \"*\"")
  endforeach()
  file(CONFIGURE OUTPUT ${package}/Cargo.toml CONTENT [[
[package]
name = "@name@"
version = "0.0.0"
edition = "2021"
[dependencies]
@crates@
]] @ONLY)
  set(copied ${package}/Cargo.toml)
  foreach(source ${RUST_FILES} ${PROJECT_SOURCE_DIR}/conformance/sdk/rust/assay_sdk.rs)
    get_filename_component(file ${source} NAME)
    if(file STREQUAL "testee.toml")
      set(place ${package}/src/supports.rs)
      assay_testee_supports(${CMAKE_CURRENT_SOURCE_DIR}/${source} entries)
      file(CONFIGURE OUTPUT ${place} CONTENT "pub const SUPPORTS: &[&str] = &[@entries@];\n" @ONLY)
    else()
      set(place ${package}/src/${file})
      configure_file(${source} ${place} COPYONLY)
    endif()
    list(APPEND copied ${place})
  endforeach()
  set(program ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name})
  set(built ${CMAKE_BINARY_DIR}/cargo)
  add_custom_command(OUTPUT ${program}
    COMMAND ${CMAKE_COMMAND} -E env CARGO_HOME=${CMAKE_BINARY_DIR}/cargo-home RUSTC=/usr/bin/rustc
            ASSAY_RUST_VERSION=${ASSAY_RUST_VERSION} ${ASSAY_CARGO} build --quiet --release
            --offline --jobs 2 --target-dir ${built}
    COMMAND ${CMAKE_COMMAND} -E copy ${built}/release/${name} ${program}
    WORKING_DIRECTORY ${package} DEPENDS ${copied}
    COMMENT "Building Rust program bin/${name}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${program})
endfunction()
