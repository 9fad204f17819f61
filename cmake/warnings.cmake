# One INTERFACE target that every target of ours links.
add_library(assay_warnings INTERFACE)
add_library(assay::warnings ALIAS assay_warnings)
target_compile_options(assay_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Wno-missing-field-initializers
  $<$<BOOL:${ASSAY_WERROR}>:-Werror>)
# g++ 12 reports impossible accesses inside inlined library code; with sanitizers, reads of members
# that no path leaves unset, too.
target_compile_options(assay_warnings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-null-dereference -Wno-restrict>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${ASSAY_SANITIZE}>>:-Wno-maybe-uninitialized>)
