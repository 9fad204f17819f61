// Memory for large data of a process that forks: in huge pages, so that a fork stays short.
//
//   std::pmr::vector<double> table(100'000'000, &ref::large_memory());
//   ref::process worker([&] { return use(table); });
//   worker.start();                               // the table costs microseconds, not milliseconds
//
// fork(2) copies the page tables. A GiB in ordinary pages has 262,144 entries, which takes tens of
// milliseconds; in huge pages it has 512. What either process writes later is copied in pages of
// the ordinary size all the same, so that copy-on-write gets no coarser. A huge page is filled with
// noughts at its first touch, 2 MiB at a time.
//
// Blocks of 1 MiB and more are mappings of their own, rounded up to 2 MiB; smaller ones come from
// the heap: put a std::pmr::unsynchronized_pool_resource on top for many of those. Where the system
// has no huge pages to give, it gives others, and nothing but the time of a fork changes.
//
// Threads: from any. Forks: both have it. Errors: std::bad_alloc.
//
// Source: madvise(2), MADV_HUGEPAGE; the kernel's admin-guide/mm/transhuge.
#pragma once

#include <memory_resource>

namespace ref {

/// The one of the program; it is never destroyed.
std::pmr::memory_resource& large_memory();

}  // namespace ref
