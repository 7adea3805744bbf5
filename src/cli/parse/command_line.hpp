#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::cli {

/// A flag of a command: `--page-size N`.
struct Flag {
  std::string name;
  std::string help{};
  /// What its value is called in the help; empty if it takes none, or `=false`.
  std::string value{};
  char letter = 0;
  bool hidden = false;
};

/// How a command is used.
struct Usage {
  /// `lakebase postgres create-branch`
  std::string command;
  /// `PARENT BRANCH_ID`
  std::string positionals{};
  std::string summary{};
  std::vector<Flag> flags{};
  /// A whole command line; empty: none is shown.
  std::string example{};
  /// The words that the command goes on with, with a summary each, if it is a group.
  std::vector<std::pair<std::string, std::string>> subcommands{};
};

/// Thrown where `--help` is given, or no word after a group: what is to be shown, which nothing else follows.
struct HelpWanted {
  Usage usage;
};

/// A command line, without the words that name the command.
class CommandLine {
 public:
  /// Reads arguments: flags anywhere, `--flag=value` and `--flag value`; what comes after `--` is left alone.
  /// @throws UsageFailure for flags that the command does not have, with the nearest one; HelpWanted
  CommandLine(Usage const& usage, std::vector<std::string> const& arguments);

  [[nodiscard]] std::vector<std::string> const& positionals() const noexcept { return positionals_; }
  /// What comes after `--`.
  [[nodiscard]] std::vector<std::string> const& passed_on() const noexcept { return passed_on_; }
  [[nodiscard]] bool has_dashes() const noexcept { return has_dashes_; }

  /// The value of a flag, the last if it is there several times.
  [[nodiscard]] std::optional<std::string> value(std::string const& flag) const;
  /// Whether a flag without a value is set.
  [[nodiscard]] bool is_on(std::string const& flag) const;

 private:
  void check_switch(Flag const& flag, Usage const& usage) const;

  std::vector<std::string> positionals_{};
  std::vector<std::string> passed_on_{};
  std::map<std::string, std::string> values_{};
  bool has_dashes_ = false;
};

/// @throws UsageFailure unless the command line has from `least` to `most` positionals
void expect_positionals(CommandLine const& line, Usage const& usage, std::size_t least, std::size_t most);

/// Flags that every command has, such as `--output`.
std::vector<Flag> const& global_flags();

/// Takes the first argument that is no flag, and no value of a global one, out of the arguments.
std::optional<std::string> take_word(std::vector<std::string>& arguments);

/// Takes the word that a group goes on with out of the arguments.
/// @throws HelpWanted if there is none; UsageFailure for one that the group does not have
std::string take_subcommand(Usage const& group, std::vector<std::string>& arguments);

/// `Usage:` with one line.
std::string usage_line(Usage const& usage);

/// All that `--help` prints.
std::string help_text(Usage const& usage);

}  // namespace lakebase::cli
