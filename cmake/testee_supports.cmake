# assay_testee_supports(TOML RESULT): what testee.toml says under `supports`, as "a", "b", … in one
# text. An adapter that is compiled says the same in its hello, and so has it from there.
function(assay_testee_supports toml result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${toml})
  file(READ ${toml} text)
  string(REGEX REPLACE "#[^\n]*" "" text "${text}")
  string(REGEX MATCH "supports *= *\\[[^]]*\\]" supports "${text}")
  string(REGEX MATCHALL "\"[^\"]+\"" entries "${supports}")
  list(JOIN entries ", " entries)
  set(${result} "${entries}" PARENT_SCOPE)
endfunction()
