# Start and end of processes: the reference beside posix_spawn, vfork, CPython and a bare fork.
assay_bench(process SOURCES process_bench.cc peers/plain_fork.cc LIBRARIES ref::process)
# As in the reference: a child of the floor looks nothing up either.
target_compile_options(process_bench PRIVATE -fno-plt)
set_source_files_properties(peers/plain_fork.cc PROPERTIES COMPILE_OPTIONS -fplt)
