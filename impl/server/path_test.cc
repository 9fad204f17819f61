// From request targets to paths, and from paths to types.
#include "impl/server/path.h"

#include <gtest/gtest.h>

#include <string>

namespace ref::server {
namespace {

using namespace std::string_literals;

constexpr const char* refused = nullptr;  // 400

struct row {
  std::string target;
  const char* path;
};

// RFC 3986, sections 2.1 (percent-encoding), 3.3 (paths), 5.2.4 (dot segments); RFC 9112,
// section 3.2 (forms of targets).
const row rows[] = {
    // Origin form.
    {"/", "index.html"},
    {"/a.txt", "a.txt"},
    {"/sub/a.txt", "sub/a.txt"},
    {"/sub/", "sub/"},
    {"/~a_b-c.d!$&'()*+,;=:@", "~a_b-c.d!$&'()*+,;=:@"},
    {"", "index.html"},
    // A slash more is a folder without a name: nothing is served under it.
    {"//", "index.html"},
    {"//a.txt", "a.txt"},
    {"/sub//a.txt", "sub/a.txt"},
    {"//etc/passwd", "etc/passwd"},
    {"/a.txt/", "a.txt/"},
    {"/a.txt//", "a.txt/"},
    // Query; a fragment is never sent, and '#' is what the parser refuses.
    {"/?", "index.html"},
    {"/?a=b", "index.html"},
    {"/a.txt?", "a.txt"},
    {"/a.txt?b=/../../c", "a.txt"},
    {"/a.txt?%", "a.txt"},
    {"/a.txt?%00", "a.txt"},
    {"/a?b?c", "a"},
    {"/a%3Fb", "a?b"},
    {"/a%23b", "a#b"},
    // Absolute form.
    {"http://host", "index.html"},
    {"http://host/", "index.html"},
    {"http://host:8080/sub/a.txt", "sub/a.txt"},
    {"HTTP://host/a.txt?b", "a.txt"},
    {"http://host?a/b", "index.html"},
    {"http://host/../a.txt", refused},
    {"http://host//a.txt", "a.txt"},
    {"http://host/http://other/a.txt", "http:/other/a.txt"},
    {"/http://other/a.txt", "http:/other/a.txt"},
    // Percent-encoding, decoded once.
    {"/%61.txt", "a.txt"},
    {"/%41%5a%5A", "AZZ"},
    {"/a%20b", "a b"},
    {"/a+b", "a+b"},
    {"/a%2Fb", "a/b"},
    {"/%2f", "index.html"},
    {"/a%2F", "a/"},
    {"/%E4%B8%AD", "\xE4\xB8\xAD"},
    {"/%ff%FE", "\xff\xfe"},
    {"/\xff", "\xff"},
    {"/%01%7f", "\x01\x7f"},
    {"/%0d%0aSet-Cookie:x", "\r\nSet-Cookie:x"},
    {"/%25", "%"},
    {"/%2541", "%41"},
    {"/%252e%252e/a", "%2e%2e/a"},
    {"/%252fa", "%2fa"},
    {"/%2500", "%00"},
    // No percent-encoding.
    {"/%", refused},
    {"/%4", refused},
    {"/a%", refused},
    {"/a%4", refused},
    {"/%zz", refused},
    {"/%4g", refused},
    {"/%g4", refused},
    {"/% 1", refused},
    {"/%+1", refused},
    {"/%-1", refused},
    {"/%0x41", refused},
    {"/%%41", refused},
    {"/%u0041", refused},
    {"/a%/b", refused},
    {"/a%?41", refused},
    // NUL.
    {"/%00", refused},
    {"/a.txt%00", refused},
    {"/a.txt%00.html", refused},
    {"/a\0b"s, refused},
    {"/a.txt\0"s, refused},
    // Dot segments in all encodings.
    {"/.", "index.html"},
    {"/./", "index.html"},
    {"/./a.txt", "a.txt"},
    {"/%2e/a.txt", "a.txt"},
    {"/a/.", "a/"},
    {"/a/./b", "a/b"},
    {"/a/..", "index.html"},
    {"/a/../", "index.html"},
    {"/a/../b", "b"},
    {"/a/b/..", "a/"},
    {"/a/b/../../c", "c"},
    {"/a/b/%2e%2e/%2E%2E/c", "c"},
    {"/a/.%2e/b", "b"},
    {"/a/%2E./b", "b"},
    {"/a%2f..%2fb", "b"},
    {"/a//../b", "b"},
    {"/a/./../b", "b"},
    // Dots that are names.
    {"/...", "..."},
    {"/.../a", ".../a"},
    {"/..a", "..a"},
    {"/a..", "a.."},
    {"/.a", ".a"},
    {"/. ./a", ". ./a"},
    {"/..%20/a", ".. /a"},
    {"/..;/a", "..;/a"},
    // Above the root, at the end or on the way.
    {"/..", refused},
    {"/../", refused},
    {"/../a.txt", refused},
    {"/../../../../etc/passwd", refused},
    {"/a/../../a", refused},
    {"/a/../..", refused},
    {"/./../a", refused},
    {"//../a", refused},
    {"/%2e%2e/a", refused},
    {"/%2E%2E/a", refused},
    {"/.%2e/a", refused},
    {"/%2e./a", refused},
    {"/%2e%2e%2fa", refused},
    {"/..%2fa", refused},
    {"/..%2F..%2Fa", refused},
    {"/%2f../a", refused},
    {"/..?a", refused},
    {"..", refused},
    {"../a", refused},
    // A backslash is a byte like others, and overlong UTF-8 is neither a dot nor a slash.
    {"/..\\a", "..\\a"},
    {"/..\\..\\a", "..\\..\\a"},
    {"/..%5ca", "..\\a"},
    {"/\\../a", "\\../a"},
    {"/%c0%ae%c0%ae/a", "\xc0\xae\xc0\xae/a"},
    {"/%c0%af", "\xc0\xaf"},
    {"/..%c0%afa",
     "..\xc0\xaf"
     "a"},
    {"/%e0%80%ae%e0%80%ae/a", "\xe0\x80\xae\xe0\x80\xae/a"},
    {"/%f0%80%80%ae/a", "\xf0\x80\x80\xae/a"},
    {"/%ef%bc%8e%ef%bc%8e/a", "\xef\xbc\x8e\xef\xbc\x8e/a"},
};

TEST(ResolveTarget, AnswersAsTheTableSays) {
  for (const row& each : rows) {
    const resolved_path got = resolve_target(each.target);
    EXPECT_EQ(got.status, each.path == refused ? 400 : 0) << each.target;
    EXPECT_EQ(got.path, each.path == refused ? "" : each.path) << each.target;
  }
}

// What one of the encodings of a byte may be is decoded as the byte, whichever it is.
TEST(ResolveTarget, DecodesEveryByte) {
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    for (const char* form : {"/a%%%02x", "/a%%%02X"}) {
      char target[16];
      std::snprintf(target, sizeof target, form, static_cast<unsigned>(byte));
      EXPECT_EQ(resolve_target(target).path, std::string("a") + static_cast<char>(byte)) << target;
    }
  }
}

// Length is bounded by the parser and by the file system.
TEST(ResolveTarget, TakesAnyLength) {
  const std::string name(100'000, 'x');
  EXPECT_EQ(resolve_target("/" + name).path, name);
  std::string up;
  for (int i = 0; i < 10'000; ++i) up += "/a/..";
  EXPECT_EQ(resolve_target(up + "/b").path, "b");
  EXPECT_EQ(resolve_target(up + "/../b").status, 400);
  EXPECT_EQ(resolve_target(std::string(100'000, '/')).path, "index.html");
}

// No path that comes out may mean anything to the kernel but names from the root down.
TEST(ResolveTarget, LeavesNoDotSegment) {
  const std::string parts[] = {"/", ".", "..", "%2e", "%2f", "a", "\\", "%2E%2e", "?"};
  constexpr std::size_t count = std::size(parts);
  for (std::size_t i = 0; i < count * count * count * count * count; ++i) {
    std::string target = "/";
    for (std::size_t left = i, k = 0; k < 5; ++k, left /= count) target += parts[left % count];
    const resolved_path got = resolve_target(target);
    if (got.status != 0) continue;
    const std::string within = "/" + got.path + "/";
    EXPECT_EQ(within.find("/../"), within.npos) << target;
    EXPECT_EQ(within.find("/./"), within.npos) << target;
    EXPECT_FALSE(got.path.empty() || got.path.starts_with('/')) << target;
  }
}

TEST(MimeType, IsOfTheEnding) {
  EXPECT_EQ(mime_type("a.html"), "text/html; charset=utf-8");
  EXPECT_EQ(mime_type("a.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(mime_type("sub.d/a.tar.gz"), "application/gzip");
  EXPECT_EQ(mime_type("a.avif"), "image/avif") << "the first";
  EXPECT_EQ(mime_type("a.zip"), "application/zip") << "the last";
  for (const char* unknown : {"a", "", ".", "a.", "a.htmlx", "a.ht", "a.zz", "html", "a.b.c"}) {
    EXPECT_EQ(mime_type(unknown), "application/octet-stream") << unknown;
  }
}

// The name of a folder says nothing about a file in it.
TEST(MimeType, IsNotOfAFolder) { EXPECT_EQ(mime_type("a.html/b"), "application/octet-stream"); }

}  // namespace
}  // namespace ref::server
