// What stdio has to write before a fork and before a child's end.
#pragma once

namespace ref {

/// fflush(nullptr), which is not called where no stream has anything that it would write.
///
/// Nearly every child ends so, and fflush(3) costs it two pages of the C library's code and a copy
/// of the page that its lock is in, some 2 to 3 µs each. So the list of open streams is looked
/// through first; reading costs no page. Where there may be other threads, fflush is called always:
/// the list's lock is not ours.
///
/// Source: fflush(3); glibc's <bits/types/struct_FILE.h>, whose layout is part of its ABI, and
/// `_IO_list_all`, exported since GLIBC_2.2.5. fflush(nullptr) of glibc 2.36 goes through the same
/// list and writes what lies between `_IO_write_base` and `_IO_write_ptr`.
void flush_output();

}  // namespace ref
