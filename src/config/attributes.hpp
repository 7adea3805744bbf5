#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <lakebase/config.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// One setting: what it is called in code, in the environment and in a profile.
struct Attribute {
  using Member = std::variant<std::optional<std::string> Config::*, std::optional<bool> Config::*,
                              std::optional<std::int64_t> Config::*, std::optional<double> Config::*,
                              std::vector<std::string> Config::*>;

  std::string_view name;
  Member member;
  /// Environment variables, of which the first one that is set counts; unused places are empty.
  std::array<std::string_view, 2> variables{};
  /// The key that another SDK uses for it in a profile.
  std::string_view other_key{};
  /// The authentication method that it belongs to.
  std::string_view group{};
  bool is_secret = false;
  /// Whether blanks around the value are removed, as they can only be a slip.
  bool is_trimmed = false;
};

/// All settings that an environment or a profile can hold, in the order in which debug strings show them.
std::span<Attribute const> attributes();

/// Whether the setting has a value; an empty text counts as none.
bool is_set(Config const& config, Attribute const& attribute);
/// The value as text; empty if there is none.
std::string value_text(Config const& config, Attribute const& attribute);
/// Reads text into the setting.
/// @throws ConfigError that names `source` (a variable, or a file and a key), not the value
void set_value(Config& config, Attribute const& attribute, std::string_view text, std::string_view source);

/// The words of a list that commas and blanks separate; sorted, each once.
std::vector<std::string> split_list(std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
