// The files that a server under test serves.
#pragma once

#include <filesystem>

namespace assay {

/// Fills `base` with the document root `site/` (a copy of fixtures/html, large.bin, link-inside and
/// link-outside) and, beside it, secret.txt. Everybody may read it, because a server may run as
/// another user. `large` is what write_large_file made; sites share it by a hard link.
std::filesystem::path make_site(const std::filesystem::path& base,
                                const std::filesystem::path& large);

/// 100 MiB; the byte at i * 4096 is i mod 251, the others are zero.
void write_large_file(const std::filesystem::path& file);

}  // namespace assay
