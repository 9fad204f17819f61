// A file that is written whole or not at all, and standard output.
#pragma once

#include <filesystem>
#include <string_view>

namespace assay {

/// Writes `text` beside `path`, as `<path>.part`, and renames it: whoever opens `path` meets the
/// old text or the new one, never a half. Missing folders are made. What is no ordinary file, as a
/// link, a pipe or a device, is not replaced but written to. Throws std::system_error that names
/// the file.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Hands over what waits in the buffers of std::cout and stdout. Throws std::system_error when
/// that, or anything before it, could not be written: EPIPE where nobody reads it any more.
void flush_standard_output();

}  // namespace assay
