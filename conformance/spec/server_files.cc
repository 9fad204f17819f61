// What a static server answers for its files: bytes, metadata, conditions and ranges.
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <regex>

#include "conformance/harness/requirement.h"
#include "conformance/harness/server_site.h"
#include "conformance/harness/server_testee.h"
#include "conformance/spec/probe.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

http_response request(const std::string& method, const std::string& target,
                      const std::string& fields = "") {
  auto client = server().connect();
  client.send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
  return client.read_response(method == "HEAD");
}

std::string field(const http_response& response, const char* name) {
  const auto value = response.header(name);
  EXPECT_TRUE(value) << "no field " << name;
  return value.value_or("");
}

// Seconds since 1970, or -1 for what is no IMF-fixdate.
std::time_t time_of(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.size() == 29 && end != nullptr && *end == '\0' ? ::timegm(&parts) : -1;
}

void expect_file(const std::string& target, const std::string& name) {
  const auto response = get(target);
  EXPECT_EQ(response.status, 200) << target;
  EXPECT_TRUE(response.body == site_file(name)) << target << " is not the file's bytes";
}

void expect_status(int status, const std::string& fields, const std::string& target = "/ten.txt") {
  EXPECT_EQ(get(target, fields).status, status) << fields;
}

const char past[] = "Mon, 01 Jan 1990 00:00:00 GMT";
const char future[] = "Fri, 01 Jan 2038 00:00:00 GMT";

REQUIREMENT(server_files, root_is_index, must, "/ is index.html", covers("SRV-05", "HTTP-08"),
            notes("web static server")) {
  expect_file("/", "index.html");
}

REQUIREMENT(server_files, path_below_root, must, "another path is the file of that name",
            covers("SRV-05"), notes("web static server")) {
  expect_file("/a.txt", "a.txt");
  expect_file("/index.html", "index.html");
  expect_file("/sub/page.html", "sub/page.html");
}

REQUIREMENT(server_files, binary_exact, must, "a file's bytes come unchanged, all 256 of them",
            covers("SRV-06"), rfc(9110, "6.4")) {
  expect_file("/image.png", "image.png");
}

REQUIREMENT(server_files, empty, must, "an empty file is 200 with a length of 0", covers("SRV-06"),
            rfc(9110, "8.6")) {
  const auto response = get("/empty.txt");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(field(response, "Content-Length"), "0");
}

REQUIREMENT(server_files, large_exact, must, "100 MiB arrive whole", covers("SRV-06"),
            rfc(9110, "6.4")) {
  auto client = server().connect();
  client.send(get_request("/large.bin"));
  const auto response = client.read_response(false, 20s);
  ASSERT_EQ(response.body.size(), std::size_t{100} << 20);
  for (std::size_t i = 0, at = 0; i < large_file_pieces; ++i) {
    const std::string piece = large_file_piece(i);
    ASSERT_TRUE(response.body.compare(at, piece.size(), piece) == 0) << "from byte " << at;
    at += piece.size();
  }
}

REQUIREMENT(server_files, length_in_bytes, must, "Content-Length counts bytes, not characters",
            covers("SRV-06", "HTTP-06"), rfc(9110, "8.6")) {
  EXPECT_EQ(field(get("/utf8.txt"), "Content-Length"),
            std::to_string(site_file("utf8.txt").size()));
}

REQUIREMENT(server_files, missing_has_length, must,
            "a 404 is framed: its body has a length or ends with the connection", covers("SRV-07"),
            rfc(9112, "6.3")) {
  EXPECT_EQ(get("/missing").status, 404);
}

REQUIREMENT(server_notes, text_of_404, may,
            "the body of a 404 is the notes' own sentence, misspelt as it is", covers("SRV-07"),
            notes("web static server")) {
  const auto response = get("/missing");
  EXPECT_EQ(response.body, "you brower page web not found");
  EXPECT_EQ(field(response, "Content-Length"), "29");
}

REQUIREMENT(server_files, directory_is_no_file, should,
            "a directory without an index is 404, 403 or a redirect to its slash, never a file",
            covers("SRV-19"), notes("web static server")) {
  for (const char* target : {"/sub", "/sub/"}) {
    const int status = get(target).status;
    EXPECT_TRUE(status == 404 || status == 403 || (status >= 301 && status <= 308))
        << target << ": " << status;
  }
}

REQUIREMENT(server_files, changed_file_is_fresh, must, "a file that changed is served as it is now",
            rfc(9110, "7.6")) {
  const auto file = server().root() / "changing.txt";
  for (const char* text : {"first", "the second", "3"}) {
    std::ofstream(file) << text;
    EXPECT_EQ(get("/changing.txt").body, text);
  }
  std::filesystem::remove(file);
  EXPECT_EQ(get("/changing.txt").status, 404);
}

REQUIREMENT(server_files, link_outside_refused, should,
            "a symbolic link that leads out of the root is not followed", covers("SRV-17"),
            man("openat2(2)")) {
  const auto response = get("/link-outside");
  EXPECT_NE(response.status, 200);
  EXPECT_EQ(response.body.find("secret:"), std::string::npos);
}

REQUIREMENT(server_files, link_inside_followed, may,
            "a symbolic link that stays in the root is followed", man("openat2(2)")) {
  expect_file("/link-inside", "index.html");
}

REQUIREMENT(server_fields, status_line, must,
            "the status line is HTTP/1.1, three digits and a reason", covers("SRV-08"),
            rfc(9112, "4"),
            erratum("The notes' server sends \"http/1.1 200 ok \", which strict clients refuse.")) {
  EXPECT_EQ(get("/a.txt").version, "HTTP/1.1");
  EXPECT_EQ(get("/missing").version, "HTTP/1.1");
}

REQUIREMENT(server_fields, content_type, should, "files have the media type of their suffix",
            covers("HTTP-05"), rfc(9110, "8.3")) {
  const std::pair<const char*, const char*> types[] = {
      {"/", "text/html.*"},
      {"/a.txt", "text/plain.*"},
      {"/style.css", "text/css.*"},
      {"/script.js", "(text|application)/(x-)?javascript.*"},
      {"/image.png", "image/png"},
      {"/data.json", "application/json.*"},
      {"/picture.svg", "image/svg\\+xml.*"}};
  for (const auto& [target, type] : types) {
    const std::string got = field(get(target), "Content-Type");
    EXPECT_TRUE(std::regex_match(got, std::regex(type))) << target << ": " << got;
  }
}

REQUIREMENT(server_fields, date, must, "responses carry a valid Date that is now",
            rfc(9110, "6.6.1")) {
  for (const char* target : {"/a.txt", "/missing"}) {
    const std::time_t date = time_of(field(get(target), "Date"));
    EXPECT_NEAR(static_cast<double>(date), static_cast<double>(std::time(nullptr)), 60) << target;
  }
}

REQUIREMENT(server_fields, last_modified, should,
            "a file carries a valid Last-Modified, not later than Date", rfc(9110, "8.8.2")) {
  const auto response = get("/a.txt");
  const std::time_t modified = time_of(field(response, "Last-Modified"));
  EXPECT_GT(modified, 0);
  EXPECT_LE(modified, time_of(field(response, "Date")));
}

REQUIREMENT(server_fields, etag, should,
            "a file carries an entity tag, which changes with the file", rfc(9110, "8.8.3")) {
  const std::string one = field(get("/a.txt"), "ETag");
  EXPECT_TRUE(std::regex_match(one, std::regex("(W/)?\"[!#-~]*\""))) << one;
  EXPECT_EQ(field(get("/a.txt"), "ETag"), one);
  EXPECT_NE(field(get("/ten.txt"), "ETag"), one);
}

REQUIREMENT(server_head, no_body, must, "the response to HEAD has no body", covers("SRV-20"),
            rfc(9110, "9.3.2")) {
  auto client = server().connect();
  client.send("HEAD /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_response(true).status, 200);
  EXPECT_EQ(client.read_to_end(), "");
}

REQUIREMENT(server_head, fields_as_get, should,
            "HEAD is answered with the status, length, type and validators of GET",
            rfc(9110, "9.3.2")) {
  const auto whole = get("/a.txt");
  const auto head = request("HEAD", "/a.txt");
  for (const char* name : {"Content-Length", "Content-Type", "Last-Modified", "ETag"}) {
    EXPECT_EQ(head.header(name), whole.header(name)) << name;
  }
  EXPECT_EQ(request("HEAD", "/missing").status, 404);
}

REQUIREMENT(server_conditional, if_modified_since, should,
            "If-Modified-Since is 304 from Last-Modified on, 200 before and for what is no date",
            rfc(9110, "13.1.3")) {
  const std::string modified = field(get("/ten.txt"), "Last-Modified");
  expect_status(304, "If-Modified-Since: " + modified + "\r\n");
  expect_status(200, std::string("If-Modified-Since: ") + past + "\r\n");
  expect_status(200, "If-Modified-Since: yesterday\r\n");
}

REQUIREMENT(server_conditional, if_none_match, should,
            "If-None-Match is 304 for the file's tag, weak, in a list, or *; else 200",
            rfc(9110, "13.1.2")) {
  const std::string tag = field(get("/ten.txt"), "ETag");
  const std::string opaque = tag.starts_with("W/") ? tag.substr(2) : tag;
  expect_status(304, "If-None-Match: " + tag + "\r\n");
  expect_status(304, "If-None-Match: W/" + opaque + "\r\n");
  expect_status(304, "If-None-Match: \"x\", " + tag + ", \"y\"\r\n");
  expect_status(304, "If-None-Match: *\r\n");
  expect_status(200, "If-None-Match: \"x\"\r\n");
}

REQUIREMENT(server_conditional, none_match_goes_first, should,
            "If-Modified-Since counts for nothing beside If-None-Match", rfc(9110, "13.2.2")) {
  const std::string tag = field(get("/ten.txt"), "ETag");
  expect_status(200, std::string("If-None-Match: \"x\"\r\nIf-Modified-Since: ") + future + "\r\n");
  expect_status(304, "If-None-Match: " + tag + "\r\nIf-Modified-Since: " + past + "\r\n");
}

REQUIREMENT(server_conditional, if_match, should, "If-Match is 412 when no tag in it is the file's",
            rfc(9110, "13.1.1")) {
  expect_status(412, "If-Match: \"x\"\r\n");
  expect_status(200, "If-Match: *\r\n");
}

REQUIREMENT(server_conditional, if_unmodified_since, should,
            "If-Unmodified-Since is 412 when the file is newer", rfc(9110, "13.1.4")) {
  expect_status(412, std::string("If-Unmodified-Since: ") + past + "\r\n");
  expect_status(200, std::string("If-Unmodified-Since: ") + future + "\r\n");
}

REQUIREMENT(server_conditional, not_modified_has_no_body, must,
            "a 304 has no body and leaves the connection in order", rfc(9110, "15.4.5")) {
  const auto modified = get("/ten.txt").header("Last-Modified").value_or(past);
  auto client = server().connect();
  client.send(get_request("/ten.txt", "If-Modified-Since: " + modified + "\r\n") +
              get_request("/a.txt", "Connection: close\r\n"));
  const auto first = client.read_response();
  EXPECT_TRUE(first.status == 304 || first.status == 200) << first.status;
  if (!closes(first)) {
    EXPECT_EQ(client.read_response().body, site_file("a.txt"));
  }
}

void expect_range(const std::string& range, const std::string& body, const std::string& where) {
  const auto response = get("/ten.txt", "Range: " + range + "\r\n");
  EXPECT_EQ(response.status, 206) << range;
  EXPECT_EQ(response.body, body) << range;
  EXPECT_EQ(field(response, "Content-Range"), "bytes " + where + "/10") << range;
}

REQUIREMENT(server_ranges, one, should, "a range of bytes is 206 with those bytes",
            rfc(9110, "14.2")) {
  expect_range("bytes=0-0", "0", "0-0");
  expect_range("bytes=2-5", "2345", "2-5");
  expect_range("bytes=8-99", "89", "8-9");
}

REQUIREMENT(server_ranges, open_ended, should, "a range without an end goes to the end",
            rfc(9110, "14.1.2")) {
  expect_range("bytes=7-", "789", "7-9");
  expect_range("bytes=0-", "0123456789", "0-9");
}

REQUIREMENT(server_ranges, suffix, should, "a range without a start is the last bytes",
            rfc(9110, "14.1.2")) {
  expect_range("bytes=-3", "789", "7-9");
  expect_range("bytes=-99", "0123456789", "0-9");
}

REQUIREMENT(server_ranges, unsatisfiable, should,
            "a range behind the end is 416 with the length of the file", rfc(9110, "15.5.17")) {
  const auto response = get("/ten.txt", "Range: bytes=10-20\r\n");
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(field(response, "Content-Range"), "bytes */10");
}

REQUIREMENT(server_ranges, other_units_ignored, should, "a range in another unit is passed over",
            rfc(9110, "14.2")) {
  expect_status(200, "Range: lines=1-2\r\n");
}

REQUIREMENT(server_ranges, if_range, should, "If-Range with another validator sends the whole file",
            rfc(9110, "13.1.5")) {
  const std::string range = "Range: bytes=0-1\r\n";
  const std::string tag = field(get("/ten.txt"), "ETag");
  expect_status(200, range + "If-Range: \"x\"\r\n");
  if (!tag.starts_with("W/")) expect_status(206, range + "If-Range: " + tag + "\r\n");
}

}  // namespace
}  // namespace assay
