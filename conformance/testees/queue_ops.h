// The ops of the area queue over a queue of byte strings whose calls wait for so long or for ever,
// and how an item is written as bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/sdk/cpp/adapter.h"
#include "conformance/testees/patience.h"

namespace assay::testees {

/// An item as one byte string and back: a mark, then JSON text, or the bytes themselves where the
/// item is {"base64": text}.
std::string to_item(const sdk::json& value);
sdk::json from_item(std::string_view item);

/// A queue of the implementation under test. It is inherited over fork(2).
class byte_queue {
 public:
  virtual ~byte_queue() = default;
  /// False: there was no room in time.
  virtual bool put(std::string_view item, patience how_long) = 0;
  /// Null: nothing came in time.
  virtual std::optional<std::string> get(patience how_long) = 0;
  virtual std::int64_t size() = 0;
  virtual std::int64_t capacity() = 0;
  virtual void close() { throw sdk::raised("InternalError", "there is no close"); }
};

/// Opens one for so many items; zero and less: the test sets no limit.
using queue_opener = std::function<std::unique_ptr<byte_queue>(std::int64_t maxsize)>;

void add_queue_ops(sdk::adapter& to, queue_opener open);

/// For a queue whose constructor opens it.
template <typename Queue>
void add_queue_ops_of(sdk::adapter& to) {
  add_queue_ops(to, [](std::int64_t maxsize) { return std::make_unique<Queue>(maxsize); });
}

}  // namespace assay::testees
