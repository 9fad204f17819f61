// Faults of files, fields, conditions, ranges and paths.
#include <fcntl.h>
#include <unistd.h>

#include "conformance/saboteurs/server_faults.h"

namespace assay::saboteurs {
namespace {

std::string without_slash(std::string_view target) {
  return std::string(target.substr(target.find_first_not_of('/') == target.npos
                                       ? target.size()
                                       : target.find_first_not_of('/')));
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_get(const request_head& asked, std::string_view target) {
  return asked.method == "GET" && asked.target == target;
}

/// The bytes of a file of up to 1 MiB; empty for a larger one and for none.
std::string content_of(const answer& out) {
  constexpr std::size_t most = 1 << 20;
  if (!out.file || out.file->size > most) return {};
  if (out.file->in_memory) return out.file->content;
  std::string content(out.file->size, '\0');
  const ssize_t got = ::pread(out.file->descriptor.get(), content.data(), content.size(), 0);
  content.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return content;
}

}  // namespace

std::vector<server_fault> file_faults() {
  return {
      {"server.files/root-is-index", "missing", "has nothing at /",
       refuses_requests(404, "^\\S+ / ")},
      {"server.files/path-below-root", "index", "serves the index for every path",
       paths([](std::string_view) { return std::string("index.html"); })},
      {"server.files/binary-exact", "seven-bits", "clears the eighth bit of binary files",
       edits([](answer& out, const request_head&) {
         std::string content = content_of(out);
         if (content.find('\0') == std::string::npos) return;
         for (char& c : content) c = static_cast<char>(c & 0x7f);
         replace_answer(out, 200, content);
       })},
      {"server.files/empty", "missing", "takes an empty file for a missing one",
       edits([](answer& out, const request_head&) {
         if (out.status == 200 && has(out.head, "Content-Length: 0\r\n")) {
           replace_answer(out, 404, "");
         }
       })},
      {"server.files/large-exact", "cuts", "sends 64 MiB of a file at most",
       set(&wrong_behaviour::cuts_short)},
      {"server.files/length-in-bytes", "characters", "counts characters instead of bytes",
       edits([](answer& out, const request_head&) {
         if (!out.file || !out.file->in_memory) return;
         const std::string& content = out.file->content;
         const auto characters = std::count_if(content.begin(), content.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
         });
         out.head = rewritten(out.head, "Content-Length: \\d+",
                              ("Content-Length: " + std::to_string(characters)).c_str());
       })},
      {"server.files/missing-has-length", "none", "sends a 404 without a length",
       edits([](answer& out, const request_head&) {
         if (out.status == 404) out.head = rewritten(out.head, "\\r\\nContent-Length:[^\\r]*", "");
       })},
      {"server.notes/text-of-404", "spelt-right", "corrects the notes' spelling",
       edits([](answer& out, const request_head&) {
         if (out.status == 404) replace_answer(out, 404, "your browser page was not found");
       })},
      {"server.files/directory-is-no-file", "lists", "answers for a directory with 200",
       edits([](answer& out, const request_head& asked) {
         if (asked.target.starts_with("/sub") && out.status == 404) {
           replace_answer(out, 200, "page.html\n");
         }
       })},
      {"server.files/changed-file-is-fresh", "cached", "keeps the first answer for a path for ever",
       [](wrong_behaviour& how) {
         const auto kept = std::make_shared<std::map<std::string, answer>>();
         how.edit = [kept](answer& out, const request_head& asked) {
           out = kept->emplace(std::string(asked.target), out).first->second;
         };
       }},
      {"server.files/link-outside-refused", "follows", "follows every link",
       paths([](std::string_view target) { return without_slash(target); })},
      {"server.files/link-inside-followed", "none", "follows no link",
       refuses_requests(404, "link-inside")},
      {"server.fields/status-line", "as-the-notes", "writes http in small letters",
       edits([](answer& out, const request_head&) {
         out.head = rewritten(out.head, "^HTTP/1.1", "http/1.1");
       })},
      {"server.fields/content-type", "all-html", "takes every file for HTML",
       edits([](answer& out, const request_head&) {
         out.head = rewritten(out.head, "Content-Type:[^\\r]*", "Content-Type: text/html");
       })},
      {"server.fields/date", "none", "sends no Date", drops_field("Date")},
      {"server.fields/last-modified", "none", "sends no Last-Modified",
       drops_field("Last-Modified")},
      {"server.fields/etag", "constant", "has one entity tag for all",
       edits([](answer& out, const request_head&) {
         out.head = rewritten(out.head, "ETag:[^\\r]*", "ETag: \"1\"");
       })},
      {"server.head/no-body", "body", "sends a body for HEAD",
       edits([](answer& out, const request_head& asked) {
         if (asked.method == "HEAD") out.text = "a body";
       })},
      {"server.head/fields-as-get", "zero", "says that HEAD has a length of 0",
       edits([](answer& out, const request_head& asked) {
         if (asked.method != "HEAD") return;
         out.head = rewritten(out.head, "Content-Length: \\d+", "Content-Length: 0");
       })},
      {"server.conditional/if-modified-since", "ignores", "ignores If-Modified-Since",
       reads_requests("If-Modified-Since:", "X:")},
      {"server.conditional/if-none-match", "ignores", "ignores If-None-Match",
       reads_requests("If-None-Match:", "X:")},
      {"server.conditional/none-match-goes-first", "date-first", "asks the date before the tag",
       [](wrong_behaviour& how) {
         how.read_as = [](const std::string& bytes) {
           return has(bytes, "If-Modified-Since:") ? rewritten(bytes, "If-None-Match:", "X:")
                                                   : bytes;
         };
       }},
      {"server.conditional/if-match", "ignores", "ignores If-Match",
       reads_requests("If-Match:", "X:")},
      {"server.conditional/if-unmodified-since", "ignores", "ignores If-Unmodified-Since",
       reads_requests("If-Unmodified-Since:", "X:")},
      {"server.conditional/leaves-nothing-open", "opens", "opens what it then does not send",
       edits([](answer& out, const request_head&) {
         if (out.status == 304) ::open("/dev/null", O_RDONLY | O_CLOEXEC);
       })},
      {"server.conditional/not-modified-has-no-body", "body", "sends a body with 304",
       edits([](answer& out, const request_head&) {
         if (out.status == 304) out.text = "not modified";
       })},
      {"server.ranges/one", "ignores", "ignores Range",
       reads_requests("Range: *bytes=\\d+-\\d", "X:")},
      {"server.ranges/open-ended", "ignores", "ignores a range without an end",
       reads_requests("Range: *bytes=\\d+-\\r", "X: \r")},
      {"server.ranges/suffix", "from-start", "takes the last bytes for the first ones",
       reads_requests("bytes=-(\\d+)", "bytes=0-$1")},
      {"server.ranges/unsatisfiable", "whole", "sends all for a range behind the end",
       edits([](answer& out, const request_head&) {
         if (out.status == 416) replace_answer(out, 200, "0123456789");
       })},
      {"server.ranges/other-units-ignored", "bytes", "takes every unit for bytes",
       reads_requests("Range: *[a-z]+=", "Range: bytes=")},
      {"server.ranges/if-range", "ignores", "ignores If-Range", reads_requests("If-Range:", "X:")},
      {"server.paths/percent-decoded", "raw", "decodes nothing",
       refuses_requests(404, "^\\S+ \\S*%")},
      {"server.paths/query-ignored", "part", "takes the query for a part of the name",
       refuses_requests(404, "^\\S+ \\S*\\?")},
      {"server.paths/dot-segments-inside", "fails", "fails on dot segments",
       refuses_requests(500, "^\\S+ \\S*/\\.\\.?/")},
      {"server.paths/stay-inside", "joins", "joins root and target",
       paths([](std::string_view target) { return without_slash(target); })},
      {"server.paths/stay-inside-encoded", "joins", "decodes, then joins root and target",
       paths([](std::string_view target) { return without_slash(decoded(target)); })},
      {"server.paths/decoded-once", "twice", "decodes twice",
       paths([](std::string_view target) { return without_slash(decoded(decoded(target))); })},
      {"server.paths/backslash-is-no-slash", "slash", "takes a backslash for a slash",
       paths([](std::string_view target) {
         std::string path = decoded(target);
         std::replace(path.begin(), path.end(), '\\', '/');
         return without_slash(path);
       })},
      {"server.paths/nul-refused", "cuts", "ends a name at NUL", paths([](std::string_view target) {
         return without_slash(decoded(target.substr(0, target.find("%00"))));
       })},
      {"server.paths/absolute-form-stays-inside", "joins",
       "joins root and an absolute target's path", paths([](std::string_view target) {
         const auto begin = target.find("://");
         const auto slash = begin == target.npos ? 0 : target.find('/', begin + 3);
         return slash == target.npos ? "index.html" : without_slash(decoded(target.substr(slash)));
       })},
      {"server.paths/fragment", "fails", "fails on a fragment",
       [](wrong_behaviour& how) {
         how.read_as = [](const std::string& bytes) {
           return rewritten(bytes, "^(\\S+) \\S*#\\S*", "$1 /fails");
         };
         how.refuse = [](const request_head& head, const std::string&) {
           return head.target == "/fails" ? 500 : 0;
         };
       }},
      {"server.paths/case-counts", "folds", "reads names in small letters",
       paths([](std::string_view target) {
         std::string path = without_slash(target);
         std::transform(path.begin(), path.end(), path.begin(),
                        [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
         return path;
       })},
      {"server.paths/trailing-slash-on-file", "strips", "strips what follows a file's name",
       reads_requests("^(\\S+ /\\w+\\.\\w+)/[^ ]*", "$1")},
      {"server.paths/missing", "index", "serves the index for what is missing",
       edits([](answer& out, const request_head& asked) {
         if (out.status == 404 && !is_get(asked, "/")) replace_answer(out, 200, "index");
       })},
  };
}

}  // namespace assay::saboteurs
