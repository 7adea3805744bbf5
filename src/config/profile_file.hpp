#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The section for the settings of the Databricks CLI itself, which is not a profile.
inline constexpr std::string_view settings_section = "__settings__";
/// The section that is read if no profile is chosen.
inline constexpr std::string_view default_section = "DEFAULT";

/// The contents of `~/.databrickscfg`: sections of `key = value` lines. Keys are in lower case.
class ProfileFile {
 public:
  using Section = std::map<std::string, std::string, std::less<>>;

  /// @throws ConfigError naming `path` and the line, not its text
  static ProfileFile parse(std::string_view text, std::string_view path);
  /// None if there is no such file.
  /// @throws ConfigError if it cannot be read
  static std::optional<ProfileFile> read(std::string const& path);

  Section const* find(std::string_view name) const;
  /// The names of the sections that have settings, the Databricks CLI's own left out; sorted.
  std::vector<std::string_view> profiles() const;
  /// The profile that the Databricks CLI was told to prefer; empty: none.
  std::string default_profile() const;
  std::vector<std::string> const& warnings() const noexcept { return warnings_; }

 private:
  std::map<std::string, Section, std::less<>> sections_;
  std::vector<std::string> warnings_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
