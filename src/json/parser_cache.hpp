#pragma once

#include <memory>

#include <simdjson.h>

namespace lakebase::inline v0::detail {

/// Puts a parser back for the next one who needs one. Safe in any thread.
struct KeepParser {
  void operator()(simdjson::dom::parser* parser) const noexcept;
};
using LentParser = std::unique_ptr<simdjson::dom::parser, KeepParser>;

/// A parser to use until the pointer goes; one with its buffers there already, where there is one. Safe in any thread.
///
/// The buffers of a parser are several blocks of some KB: to allocate and free them for each answer costs more than to
/// parse it, most of all where many threads share the heap.
LentParser borrow_parser();

}  // namespace lakebase::inline v0::detail
