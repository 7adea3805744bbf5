#include "limit_options.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "command_line.hpp"

namespace lakebase::emulator {
namespace {

using std::chrono::nanoseconds;
using testing::EmulatorLimits;

struct CountLimit {
  std::string_view name;
  std::optional<std::int64_t> EmulatorLimits::*member;
};
constexpr CountLimit count_limits[] = {{"projects", &EmulatorLimits::projects},
                                       {"instances", &EmulatorLimits::instances},
                                       {"branches", &EmulatorLimits::branches},
                                       {"unarchived-branches", &EmulatorLimits::unarchived_branches},
                                       {"root-branches", &EmulatorLimits::root_branches},
                                       {"protected-branches", &EmulatorLimits::protected_branches},
                                       {"snapshots", &EmulatorLimits::snapshots},
                                       {"active-computes", &EmulatorLimits::active_computes},
                                       {"roles", &EmulatorLimits::roles},
                                       {"databases", &EmulatorLimits::databases},
                                       {"read-only-endpoints", &EmulatorLimits::read_only_endpoints}};

struct TimeLimit {
  std::string_view name;
  std::optional<nanoseconds> EmulatorLimits::*member;
};
constexpr TimeLimit time_limits[] = {{"ttl", &EmulatorLimits::ttl},
                                     {"shortest-suspension", &EmulatorLimits::shortest_suspension},
                                     {"longest-suspension", &EmulatorLimits::longest_suspension},
                                     {"shortest-history", &EmulatorLimits::shortest_history},
                                     {"longest-history", &EmulatorLimits::longest_history}};

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t count = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  bool const is_number = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  return is_number && count >= 0 ? std::optional{count} : std::nullopt;
}

// `30d`, `12h`, `90s`; a number alone is of seconds.
std::optional<nanoseconds> parse_time_limit(std::string_view text) {
  nanoseconds unit = std::chrono::seconds{1};
  if (text.ends_with('d')) unit = std::chrono::hours{24};
  if (text.ends_with('h')) unit = std::chrono::hours{1};
  if (unit != std::chrono::seconds{1} || text.ends_with('s')) text.remove_suffix(1);
  auto const count = parse_count(text);
  // A century.
  if (!count || *count > nanoseconds{std::chrono::hours{24 * 36525}} / unit) return std::nullopt;
  return unit * *count;
}

std::string known_names() {
  std::string names;
  for (auto const& count : count_limits) names += fmt::format("{}, ", count.name);
  for (auto const& time : time_limits) names += fmt::format("{}, ", time.name);
  return names.substr(0, names.size() - 2);
}

template <class Known>
auto const* find_limit(Known const& known, std::string_view name) {
  auto const found =
      std::find_if(std::begin(known), std::end(known), [&](auto const& one) { return one.name == name; });
  return found == std::end(known) ? nullptr : &*found;
}

}  // namespace

void read_limits(std::string const& value, testing::EmulatorOptions& options) {
  if (value != "service" && value != "machine") {
    throw UsageError(fmt::format("--limits: '{}' is none of service, machine", value));
  }
  options.service_limits = value == "service";
}

void read_limit(std::string const& value, EmulatorLimits& limits) {
  auto const equals = value.find('=');
  if (equals == std::string::npos) throw UsageError(fmt::format("--limit: '{}' is not NAME=VALUE", value));
  std::string_view const name = std::string_view{value}.substr(0, equals);
  std::string_view const text = std::string_view{value}.substr(equals + 1);
  if (auto const* const count = find_limit(count_limits, name)) {
    limits.*(count->member) = parse_count(text);
    if (!(limits.*(count->member)))
      throw UsageError(fmt::format("--limit {}: '{}' is no number from 0 on", name, text));
    return;
  }
  auto const* const time = find_limit(time_limits, name);
  if (time == nullptr) throw UsageError(fmt::format("--limit: '{}' is none of {}", name, known_names()));
  limits.*(time->member) = parse_time_limit(text);
  if (limits.*(time->member)) return;
  throw UsageError(fmt::format("--limit {}: '{}' is no time such as 90s, 12h or 30d", name, text));
}

}  // namespace lakebase::emulator
