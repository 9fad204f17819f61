// The protocol between assay and a testee, read from protocol.json: ops, their parameters and
// results, error types and limits. The harness and the C++ SDK check what they send and receive
// against this one description.
//
//   const assay::protocol& p = assay::protocol::of_environment();          // $ASSAY_PROTOCOL
//   nlohmann::json params = {{"queue", "q"}};
//   if (auto why = p.complete_params("queue.get", params)) refuse(*why);   // defaults are in now
//   if (auto why = p.check_result("queue.get", result)) complain(*why);
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// Codes of JSON-RPC 2.0 and of this protocol.
enum class rpc_error : int {
  raised = -32000,  ///< the op raised a condition; `data.type` says which
  unknown_method = -32601,
  bad_params = -32602,
};

/// What protocol.json says. Immutable once loaded: threads may share it, a fork inherits it.
class protocol {
 public:
  /// Throws std::runtime_error with the file's name when it cannot be read or is wrong.
  static protocol load(const std::filesystem::path& file);
  /// The file that ASSAY_PROTOCOL names; loaded once. Throws when it is not set.
  static const protocol& of_environment();

  protocol(protocol&&) noexcept;
  protocol& operator=(protocol&&) noexcept;
  ~protocol();

  int version() const { return version_; }
  /// The most bytes of a line, its newline not counted.
  std::size_t line_limit() const { return line_limit_; }
  /// The most levels of lists and objects in a line.
  std::size_t nesting_limit() const { return nesting_limit_; }

  std::vector<std::string> ops() const;
  bool has_op(std::string_view op) const;
  bool has_error_type(std::string_view type) const;

  /// Checks params and adds the defaults of those that are absent. What is wrong, as one line
  /// (`queue.put: params.timeout: expected number or null, got "x"`); nullopt when all is well.
  /// An op that does not exist is wrong too.
  std::optional<std::string> complete_params(std::string_view op, nlohmann::json& params) const;
  /// Checks params without changing them.
  std::optional<std::string> check_params(std::string_view op, const nlohmann::json& params) const;
  std::optional<std::string> check_result(std::string_view op, const nlohmann::json& result) const;
  /// Checks `data` of an error object: its fields, and its type against the closed list.
  std::optional<std::string> check_error(std::string_view op, const nlohmann::json& data) const;

 private:
  struct contents;
  protocol();
  void read(const nlohmann::json& document);

  int version_ = 0;
  std::size_t line_limit_ = 0;
  std::size_t nesting_limit_ = 0;
  std::unique_ptr<contents> contents_;
};

}  // namespace assay
