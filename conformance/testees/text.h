// UTF-8 and code points: the protocol counts code points, engines count what they hold.
#pragma once

#include <string>
#include <string_view>

namespace assay::testees {

/// Well-formed UTF-8 to code points and back; JSON strings are always well-formed.
std::u32string to_code_points(std::string_view utf8);
std::string to_utf8(std::u32string_view text);

}  // namespace assay::testees
