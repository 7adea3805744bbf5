#include "json/parser_cache.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <span>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using Parser = simdjson::dom::parser;
using Place = std::atomic<Parser*>;

// The room of a parser is rounded up, so that a slightly longer document fits as well.
constexpr std::size_t least_room = std::size_t{4} << 10U;
constexpr std::size_t most_room_of_small = std::size_t{16} << 10U;
constexpr std::size_t most_room_of_large = std::size_t{512} << 10U;

// Never destroyed, so that other static objects can still make calls while the process or the plugin ends.
constinit std::array<Place, 8> small_ones{};
constinit std::array<Place, 2> large_ones{};
constinit std::atomic<bool> reads_large_ones{false};
constinit std::atomic<bool> is_ending{false};

// The places for parsers with that much room; empty if these are not kept.
std::span<Place> places_for(std::size_t room) {
  if (room <= most_room_of_small) return small_ones;
  if (room <= most_room_of_large) return large_ones;
  return {};
}

struct AtTheEnd {
  AtTheEnd() = default;
  AtTheEnd(AtTheEnd const&) = delete;
  AtTheEnd& operator=(AtTheEnd const&) = delete;
  ~AtTheEnd() {
    is_ending = true;
    for (auto const places : {std::span<Place>{small_ones}, std::span<Place>{large_ones}}) {
      for (auto& place : places) delete place.exchange(nullptr, std::memory_order_acquire);
    }
  }
} const at_the_end;

// The first large document of a process may be its last one. Its blocks are freed at once, which also tells an
// allocator such as glibc's that blocks of this size come and go, so that it keeps the memory of the models as well.
bool is_worth_keeping(std::size_t room) {
  return room <= most_room_of_small || reads_large_ones.exchange(true, std::memory_order_relaxed);
}

LentParser take_one(std::span<Place> places) {
  for (auto& place : places) {
    if (place.load(std::memory_order_relaxed) == nullptr) continue;
    if (auto* const parser = place.exchange(nullptr, std::memory_order_acquire)) return LentParser{parser};
  }
  return LentParser{std::make_unique<Parser>().release()};
}

bool make_room(Parser& parser, std::size_t room) {
  return parser.doc.allocate(room) == simdjson::SUCCESS && parser.allocate(room) == simdjson::SUCCESS;
}

}  // namespace

void KeepParser::operator()(Parser* parser) const noexcept {
  std::unique_ptr<Parser> mine{parser};
  auto const places = places_for(parser->capacity());
  if (is_ending || places.empty() || !is_worth_keeping(parser->capacity())) return;
  for (auto& place : places) {
    Parser* empty = nullptr;
    if (place.compare_exchange_strong(empty, parser, std::memory_order_release, std::memory_order_relaxed)) {
      static_cast<void>(mine.release());
      return;
    }
  }
}

LentParser borrow_parser(std::size_t text_bytes) {
  auto const places = places_for(text_bytes);
  auto parser = take_one(places);
  auto const room = std::bit_ceil(std::max(text_bytes, least_room));
  // If there is no memory for it here, the use of the parser fails for the same reason, and reports it.
  if (!places.empty() && parser->capacity() < room) static_cast<void>(make_room(*parser, room));
  return parser;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
