// A testee as its testee.toml describes it.
//
//   testee_definition nginx = load_testee("nginx");              // bundled
//   testee_definition mine = load_testee("./mine/testee.toml");  // anybody's
//   if (std::string lacking = nginx.missing(); !lacking.empty()) skip(lacking);
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// A known deviation with its reason.
struct expectation {
  std::string requirement;  ///< slug
  std::string verdict;      ///< fail, crash, hang or malformed reply
  std::string reason;
  int line = 0;  ///< in testee.toml
};

/// How a testee's server is started.
struct server_definition {
  std::vector<std::string> command;
  std::vector<std::string> plain_command;    ///< the program alone; empty: it has no usage line
  std::map<std::string, std::string> files;  ///< name in {scratch} → text with placeholders
};

/// A testee.toml, read. A value: copies are independent, threads and forks may share one.
struct testee_definition {
  std::filesystem::path file;  ///< of the testee.toml, absolute
  std::string asked;           ///< what `load_testee` was given
  std::string name;            ///< `nginx`, or `saboteur:slug` for a variant
  std::string variant;         ///< what stood behind the colon
  std::string implementation;
  std::string language;
  std::string summary;
  std::vector<std::string> supports;
  std::vector<std::string> required_programs;
  std::vector<std::string> debian_packages;
  std::vector<std::string> version_command;
  std::vector<std::string> adapter_command;  ///< empty: only programs
  bool others_are_threads = false;           ///< where a second actor may be either
  std::optional<server_definition> server;
  std::vector<std::string> messenger_command;  ///< with {port}; empty: no messenger
  std::vector<std::string> crawler_command;    ///< with {url} and {directory}; empty: no crawler
  std::vector<expectation> expectations;

  /// Empty when everything that it requires is on this machine, else what is absent:
  /// `/usr/sbin/nginx (Debian package nginx-light)`.
  std::string missing() const;

  /// Replaces {testee}, {bin}, {data}, {sdk}, {variant} and those of `more`; `{{` and `}}` are
  /// literal braces. Throws std::runtime_error, naming the file, for an unknown placeholder.
  std::string expand(std::string_view text, const std::map<std::string, std::string>& more) const;
  std::vector<std::string> expand(const std::vector<std::string>& command,
                                  const std::map<std::string, std::string>& more) const;
};

/// The names of the bundled testees, the reference first, then by name.
std::vector<std::string> bundled_testees();

/// Loads a bundled testee by name or any by the path of its testee.toml or its folder (what has a
/// slash or ends in .toml is a path); `name:variant` chooses a variant. Throws std::runtime_error
/// with `file:line:` for what is wrong in the file, and with the known names for an unknown one.
testee_definition load_testee(const std::string& name_or_path);

/// Whether a list of `supports` covers a requirement (`queue.get/timeout-raises-empty`). Entries
/// are areas, groups (`queue.get`) and slugs, with a leading "-" to take one back; the most
/// specific entry decides.
bool supports(const std::vector<std::string>& list, std::string_view slug);

/// The program's full path, looked up in PATH as a shell does; empty when there is none.
std::filesystem::path find_program(const std::string& name);

}  // namespace assay
