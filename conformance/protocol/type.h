// The protocol's little type language, read once and checked against JSON values.
//
//   int number bool string any null bytes      bytes is {"base64": text}
//   T[]   a list        T?   T or null         A | B   either
//   names of `types` in protocol.json: objects, where a field `name?` may be absent, or other types
//
// Suffixes bind tighter than |, the leftmost first: `string?[]` is a list of texts or nulls.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// What a value lacks: `params.timeout: expected number or null, got "x"`.
struct mismatch {
  std::string path;
  std::string expected;
  std::string got;
  /// The value is of the right kind and something about it or in it is wrong.
  bool close = false;
  std::string describe() const;
};

/// A parsed type. Owned by the table that it was read into; immutable, so threads may share it.
class value_type {
 public:
  virtual ~value_type() = default;
  /// Whether the value fits. If not, `why` (where it is not null) tells the first place that does
  /// not; its path is relative to the value.
  virtual bool accepts(const nlohmann::json& value, mismatch* why = nullptr) const = 0;
  /// The same with the path of the value in front; nullopt when it fits.
  std::optional<mismatch> check(const nlohmann::json& value, std::string_view path) const;
  /// `number or null`, `list of int`.
  virtual std::string describe() const = 0;
};

/// Types by name. References to names that come later are allowed.
class type_table {
 public:
  /// Reads protocol.json's `types`. Throws std::runtime_error on a type that does not parse.
  void read(const nlohmann::json& types);
  /// The type that the text describes. Throws std::runtime_error when it does not parse.
  const value_type& parse(const std::string& text);
  /// Throws when a name was used that nobody declared.
  void finish() const;

 private:
  const value_type& suffixed(std::string_view text);
  const value_type& name(std::string_view text);

  std::map<std::string, std::unique_ptr<value_type>, std::less<>> by_text_;
  std::map<std::string, const value_type*, std::less<>> declared_;
};

/// A value as messages show it: its JSON text, clipped.
std::string clip(const nlohmann::json& value, std::size_t most = 120);
/// Text clipped, at a boundary of UTF-8, with the number of bytes left out.
std::string clip(std::string_view text, std::size_t most);

}  // namespace assay
