#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::cli {

/// A text that this account keeps for a short time, in `lakebase` of its cache folder, where no other account can read
/// it.
struct Cached {
  std::string text;
  std::chrono::seconds age;
};

/// None if there is none, or it cannot be read.
std::optional<Cached> read_cache(std::string_view key);

/// Without effect if it cannot be written: it is only a cache.
void write_cache(std::string_view key, std::string_view text);

/// Ends the process after this time, without a word and with status 1, whatever it does then.
void end_after(std::chrono::seconds limit);

}  // namespace lakebase::cli
