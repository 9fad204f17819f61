#include "bench/peers/plain_fork.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace assay::bench {

bool plain_fork_and_wait(int code) {
  const pid_t child = ::fork();
  // Not _exit, whose address others ask for when the program is loaded.
  if (child == 0) std::_Exit(code);
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == code;
}

}  // namespace assay::bench
