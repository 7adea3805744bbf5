#pragma once

#include <cstddef>
#include <memory>

#include <simdjson.h>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Puts a parser back for the next one who needs one. Safe in any thread.
struct KeepParser {
  void operator()(simdjson::dom::parser* parser) const noexcept;
};
using LentParser = std::unique_ptr<simdjson::dom::parser, KeepParser>;

/// A parser for a text of that length, to use until the pointer goes; one with its buffers there already, if there is
/// one. Safe in any thread, and without a lock.
///
/// The buffers of a parser have about 15 times the room of the text. To allocate and free them for each response costs
/// more than to parse it: where it is short because of the heap, most of all with many threads, and where it is long
/// because each page of memory that came from the system is a page fault.
///
/// Kept are at most eight parsers for texts of up to 16 KB, and two for texts of up to 512 KB, these from the second
/// such text on. That is 17 MB of addresses at the worst, of which a program has as memory what its texts have needed:
/// about three times their length for each parser.
LentParser borrow_parser(std::size_t text_bytes);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
