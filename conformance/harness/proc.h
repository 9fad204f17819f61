// What the kernel says of a process: /proc, read at the moment of the call.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::proc {

/// 'R', 'S', 'D', 'Z', …; nullopt when there is no such thread.
std::optional<char> state(pid_t pid, pid_t tid);
bool exists(pid_t pid);  ///< false for a zombie too
std::vector<pid_t> threads(pid_t pid);
/// Whether one of its threads runs, or would if a processor were free.
bool is_runnable(pid_t pid);
std::vector<pid_t> children(pid_t pid);
std::vector<pid_t> descendants(pid_t pid);
/// Targets of /proc/PID/fd: "socket:[123]", "anon_inode:[eventpoll]", paths.
std::vector<std::string> descriptors(pid_t pid);
std::optional<std::int64_t> resident_bytes(pid_t pid);
/// Memory that a process has mapped, by who else has it: smaps_rollup of proc(5).
struct memory {
  std::int64_t resident = 0;
  std::int64_t private_dirty = 0;  ///< its own, written to
  std::int64_t private_clean = 0;
  std::int64_t shared_dirty = 0;  ///< another process maps the same page
  std::int64_t shared_clean = 0;
};
std::optional<memory> memory_of(pid_t pid);
/// User and system time that all its threads have used so far, those that have ended included; 0 if
/// there is no such process.
std::chrono::nanoseconds cpu_time(pid_t pid);
/// Of one thread, as of the scheduler's last look at it: up to a tick behind while it runs.
std::chrono::nanoseconds cpu_time(pid_t pid, pid_t tid);
std::uint64_t context_switches(pid_t pid, pid_t tid);   ///< voluntary and not
std::int64_t voluntary_switches(pid_t pid, pid_t tid);  ///< waits, as the kernel counts them
/// The kernel function that a sleeping thread waits in (`futex_wait_queue`); empty when it runs or
/// the kernel does not tell.
std::string wait_channel(pid_t pid, pid_t tid);
/// A figure that the kernel keeps for the network namespace that the process is in, as
/// ("Tcp", "RetransSegs") of /proc/net/snmp or ("TcpExt", "TCPOFOQueue") of /proc/net/netstat;
/// nullopt where there is none.
std::optional<std::int64_t> network_counter(pid_t pid, const std::string& group,
                                            const std::string& name);
/// Its arguments with spaces in between; the name in brackets where it has none.
std::string command_line(pid_t pid);
/// Those of its children that have ended and that it has not reaped.
std::vector<pid_t> zombies(pid_t parent);
/// How a zombie ended, as waitpid(2) tells it; nullopt while it runs and once it is gone.
std::optional<int> wait_status(pid_t pid);

}  // namespace assay::proc
