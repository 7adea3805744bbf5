#include "cli/older_forms.hpp"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

/// Takes a flag with its value out of the arguments.
std::optional<std::string> take_flag(std::vector<std::string>& arguments, std::string const& flag) {
  for (auto argument = arguments.begin(); argument != arguments.end() && *argument != "--"; ++argument) {
    if (*argument == flag && argument + 1 != arguments.end()) {
      auto const value = *(argument + 1);
      arguments.erase(argument, argument + 2);
      return value;
    }
    if (argument->starts_with(flag + '=')) {
      auto const value = argument->substr(flag.size() + 1);
      arguments.erase(argument);
      return value;
    }
  }
  return std::nullopt;
}

void note(std::string const& form) {
  say("Note: today's form of this is: " + form);
}

void flag_to_positional(std::string const& words, std::vector<std::string>& arguments, std::string const& flag) {
  auto const value = take_flag(arguments, flag);
  if (!value) return;
  note(fmt::format("{} {}", words, *value));
  arguments.insert(arguments.begin(), *value);
}

}  // namespace

void bring_up_to_date(std::string const& program, std::string const& service, std::string& command,
                      std::vector<std::string>& arguments) {
  auto const words = fmt::format("{} {} {}", program, service, command);
  if (service == "postgres") {
    if (command == "create-project") flag_to_positional(words, arguments, "--project-id");
    return;
  }
  if (command == "create-database-instance" || command == "get-database-instance" ||
      command == "delete-database-instance") {
    flag_to_positional(words, arguments, "--name");
    return;
  }
  bool const stops = command == "stop-database-instance";
  if (!stops && command != "start-database-instance") return;
  auto const named = take_flag(arguments, "--name");
  if (named) arguments.insert(arguments.begin(), *named);
  std::string const name = arguments.empty() || arguments[0].starts_with('-') ? "NAME" : arguments[0];
  std::string const change = stops ? "--stopped" : "--stopped=false";
  note(fmt::format("{} database update-database-instance {} stopped {}", program, name, change));
  command = "update-database-instance";
  arguments.insert(arguments.begin() + (name == "NAME" ? 0 : 1), {"stopped", change});
}

}  // namespace lakebase::cli
