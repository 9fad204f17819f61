// The files that a server under test serves.
#pragma once

#include <filesystem>

namespace assay {

/// Fills `base` with the document root `site/` (a copy of fixtures/html, large.bin, link-inside and
/// link-outside) and, beside it, secret.txt. Everybody may read it, because a server may run as
/// another user. large.bin is shared between sites by a hard link where possible.
std::filesystem::path make_site(const std::filesystem::path& base);

/// Size of large.bin; its byte at i * 4096 is i mod 251, the others are zero.
constexpr std::size_t large_file_bytes = std::size_t{100} << 20;

}  // namespace assay
