#pragma once

#include <cstddef>
#include <memory>

#include <simdjson.h>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Puts a parser back for the next caller. Safe in any thread.
struct KeepParser {
  void operator()(simdjson::dom::parser* parser) const noexcept;
};
using LentParser = std::unique_ptr<simdjson::dom::parser, KeepParser>;

/// A parser for a text of that length, on loan until the pointer is destroyed; one that has its buffers already, if
/// possible. Safe in any thread, and without a lock.
///
/// The buffers of a parser take about 15 times the room of the text. Allocating and freeing them for each response
/// costs more than parsing it: for a short one because of the heap, most of all with many threads, and for a long one
/// because each page of memory from the system is a page fault.
///
/// At most eight parsers for texts of up to 16 KB are kept, and two for texts of up to 512 KB, these from the second
/// such text on. That is at worst 17 MB of address space; resident is only what the texts have needed, about three
/// times their length for each parser.
LentParser borrow_parser(std::size_t text_bytes);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
