#include "json/parser_cache.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

namespace lakebase::inline v0::detail {

namespace {

using Parser = simdjson::dom::parser;

// What is kept in the worst case: eight times some 15 times this.
constexpr std::size_t most_kept = 8;
constexpr std::size_t largest_kept_bytes = std::size_t{16} << 10U;

// Never destroyed, so that other static objects may still make calls while the process or the plugin ends.
constinit std::array<std::atomic<Parser*>, most_kept> kept{};
constinit std::atomic<bool> is_ending{false};

struct AtTheEnd {
  AtTheEnd() = default;
  AtTheEnd(AtTheEnd const&) = delete;
  AtTheEnd& operator=(AtTheEnd const&) = delete;
  ~AtTheEnd() {
    is_ending = true;
    for (auto& place : kept) delete place.exchange(nullptr, std::memory_order_acquire);
  }
} const at_the_end;

}  // namespace

void KeepParser::operator()(Parser* parser) const noexcept {
  std::unique_ptr<Parser> mine{parser};
  if (is_ending || parser->capacity() > largest_kept_bytes) return;
  for (auto& place : kept) {
    Parser* empty = nullptr;
    if (place.compare_exchange_strong(empty, parser, std::memory_order_release, std::memory_order_relaxed)) {
      static_cast<void>(mine.release());
      return;
    }
  }
}

LentParser borrow_parser() {
  for (auto& place : kept) {
    if (place.load(std::memory_order_relaxed) == nullptr) continue;
    if (auto* const parser = place.exchange(nullptr, std::memory_order_acquire)) return LentParser{parser};
  }
  return LentParser{std::make_unique<Parser>().release()};
}

}  // namespace lakebase::inline v0::detail
