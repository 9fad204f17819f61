// A file that is written whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace assay {

/// Writes `text` beside `path`, as `<path>.part`, and renames it: whoever opens `path` meets the
/// old text or the new one, never a half. Missing folders are made. Throws std::system_error that
/// names the file.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace assay
