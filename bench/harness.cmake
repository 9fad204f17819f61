# The harness itself: a round trip, a testee's start and end, cases through the program.
assay_bench(harness SOURCES harness_bench.cc)
