// For tests: waits until the kernel says that a process's first thread has come to a state.
#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>
#include <thread>

namespace ref {

/// 'S' is asleep, 'Z' ended (while other threads of the process go on, too). False when it ends
/// instead.
inline bool comes_to(pid_t pid, char wanted) {
  for (;;) {
    std::string text;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), text);
    // The name before it, in parentheses, may hold anything.
    const auto name_end = text.rfind(')');
    const char state = name_end == std::string::npos ? 'X' : text.at(name_end + 2);
    if (state == wanted) return true;
    if (state == 'Z' || state == 'X') return false;
    std::this_thread::yield();
  }
}

}  // namespace ref
