// The command line of image-crawler.
#pragma once

#include <optional>

#include "impl/crawler/crawler.h"

namespace ref::crawler {

/// Fills in `how`; a status when the program is to end now: 0 after --help, 2 for a wrong use,
/// which is told on stderr.
std::optional<int> read_command_line(int argc, char** argv, options& how);

}  // namespace ref::crawler
