#include "conformance/harness/other_actor.h"

#include "conformance/harness/connection.h"

namespace assay {

actor& start_other(std::string_view name) {
  actor& main = main_actor();
  return main.state().context.others_are_threads ? main.start_thread(name)
                                                 : main.start_process(name);
}

}  // namespace assay
