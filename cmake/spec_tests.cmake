# The spec as tests: one for each bundled testee and area (`reference.queue`), one for the saboteurs
# of each area. A testee whose program is absent reports "not here" and does not fail.
if(NOT ASSAY_BUILD_TESTS OR NOT TARGET assay_program)
  return()
endif()

set(left_out "")
if(ASSAY_SANITIZE)
  # Instrumentation changes what things cost, each by another factor.
  set(left_out "cost.start/*" "cost.memory/*" "cost.switch/*" "cost.wait/*")
endif()
if(ASSAY_SANITIZE STREQUAL "thread")
  # ThreadSanitizer has a thread of its own in each process, makes the handler of a signal wait
  # until the call that the thread sits in returns, keeps four bytes of notes for each that is
  # written, and has no room for ten thousand stacks.
  list(APPEND left_out
    "thread.process/has-one-at-the-start"
    "thread.process/each-is-one-of-the-kernels"
    "process.daemon/dies-with-a-killed-parent"
    "process.memory/grows-by-what-the-child-writes"
    "cost.unit/*")
endif()

# Those that need no package beyond what a report is made of; the others with ASSAY_ALL_TESTEES.
set(always reference cpython gevent notes pcre2 std-regex nginx lighttpd busybox)
file(GLOB testee_files CONFIGURE_DEPENDS
     "${PROJECT_SOURCE_DIR}/conformance/testees/*/testee.toml")
foreach(testee_file IN LISTS testee_files)
  get_filename_component(folder "${testee_file}" DIRECTORY)
  get_filename_component(testee "${folder}" NAME)
  # Sanitizers look for faults of ours, and slow everything down.
  if(ASSAY_SANITIZE AND NOT testee STREQUAL "reference")
    continue()
  endif()
  if(NOT ASSAY_ALL_TESTEES AND NOT testee IN_LIST always)
    continue()
  endif()
  file(READ "${testee_file}" text)
  string(REGEX MATCH "supports *= *\\[[^]]*\\]" supports "${text}")
  # Areas are the entries without a group: "regex", not "regex.names" or "-regex.names/x".
  string(REGEX MATCHALL "\"[a-z]+\"" areas "${supports}")
  foreach(area IN LISTS areas)
    string(REPLACE "\"" "" area "${area}")
    set(but "")
    foreach(slug IN LISTS left_out)
      if(slug MATCHES "^${area}\\.")
        list(APPEND but --filter "!${slug}")
      endif()
    endforeach()
    add_test(NAME "${testee}.${area}"
             COMMAND assay_program check "${testee}" --area "${area}" ${but})
    set(environment ${ASSAY_TEST_ENVIRONMENT})
    if(area MATCHES "^(greenlet|green)$")
      # What only the fake stack of a suspended greenlet points to would be taken for a leak.
      list(TRANSFORM environment REPLACE "use_after_return=1" "use_after_return=0")
    endif()
    set_tests_properties("${testee}.${area}" PROPERTIES
      LABELS "spec;${testee};${area}" TIMEOUT 300 PROCESSORS 4 ENVIRONMENT "${environment}")
  endforeach()
endforeach()

# Sanitizers look for faults of ours; saboteurs are wrong on purpose, and slow where time is scaled.
if(ASSAY_SANITIZE OR NOT ASSAY_BUILD_SABOTEURS)
  return()
endif()
file(GLOB claim_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/conformance/spec/claims_*.toml")
foreach(claim_file IN LISTS claim_files)
  string(REGEX REPLACE ".*claims_([a-z]+)\\.toml" "\\1" area "${claim_file}")
  add_test(NAME "saboteurs.${area}" COMMAND assay_program sabotage --area "${area}")
  set_tests_properties("saboteurs.${area}" PROPERTIES
    LABELS "saboteurs;${area}" TIMEOUT 600 PROCESSORS 4
    ENVIRONMENT "${ASSAY_TEST_ENVIRONMENT}")
endforeach()
