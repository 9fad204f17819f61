#include "impl/queue/kill_point.h"

#include <signal.h>
#include <unistd.h>

namespace ref::queue_detail {

kill_order armed;

void pass(kill_point where) {
  if (armed.where != where || armed.passes_left-- > 0) return;
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace ref::queue_detail
