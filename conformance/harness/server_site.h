// The files that a server under test serves.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace assay {

/// Fills `base` with the document root `site/` (a copy of fixtures/html, large.bin, link-inside and
/// link-outside) and, beside it, secret.txt. Everybody may read it, because a server may run as
/// another user. `large` is what write_large_file made; sites share it by a hard link.
std::filesystem::path make_site(const std::filesystem::path& base,
                                const std::filesystem::path& large);

/// 100 MiB in pieces of 64 KiB, each of which begins with its number and is zero for the rest. The
/// zeros are holes, so that it takes little time and 6 MiB of the disk.
void write_large_file(const std::filesystem::path& file);
inline constexpr std::size_t large_file_pieces = 1600;
/// What piece `index` of the large file holds.
std::string large_file_piece(std::size_t index);

}  // namespace assay
