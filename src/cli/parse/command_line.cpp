#include "cli/parse/command_line.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"

namespace lakebase::cli {
namespace {

std::string names_of(Flag const& flag) {
  return flag.letter == 0 ? "--" + flag.name : fmt::format("-{},--{}", flag.letter, flag.name);
}

/// What CLI11 reads, by name.
using Read = std::map<std::string, std::vector<std::string>>;

void add(CLI::App& app, Flag const& flag, Read& read) {
  auto& values = read[flag.name];
  auto* const option =
      flag.value.empty()
          ? app.add_flag(names_of(flag), values, flag.help)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
          : app.add_option(names_of(flag), values, flag.help)
                ->expected(1)
                ->allow_extra_args(false)
                ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  option->type_name(flag.value);
  if (flag.hidden) option->group("");
}

std::unique_ptr<CLI::App> app_of(Usage const& usage, Read& read) {
  auto app = std::make_unique<CLI::App>(usage.summary);
  app->allow_extras();
  app->set_help_flag("-h,--help", "show this help");
  for (auto const& flag : usage.flags) add(*app, flag, read);
  for (auto const& flag : global_flags()) {
    if (read.count(flag.name) != 0) continue;  // the command's own
    add(*app, flag, read);
    if (!flag.hidden) app->get_option("--" + flag.name)->group("Global flags");
  }
  return app;
}

[[noreturn]] void refuse_flag(std::string_view argument, Usage const& usage) {
  auto const name = argument.substr(0, argument.find('='));
  std::vector<std::string> known{"help"};
  for (auto const* flags : {&usage.flags, &global_flags()}) {
    for (auto const& flag : *flags) known.push_back(flag.name);
  }
  auto bare = name;
  bare.remove_prefix(std::min(bare.find_first_not_of('-'), bare.size()));
  throw UsageFailure{fmt::format("unknown flag: {}{}", name, suggestion(bare, known, "--")), usage_line(usage)};
}

/// CLI11 takes `-o=json` for the value `=json`.
std::string without_equals(std::string value, std::vector<std::string> const& arguments) {
  if (!value.starts_with('=')) return value;
  bool const short_form = std::any_of(arguments.begin(), arguments.end(), [&](std::string const& argument) {
    return argument.size() == value.size() + 2 && argument[0] == '-' && argument[1] != '-' && argument.ends_with(value);
  });
  return short_form ? value.substr(1) : value;
}

bool takes_value(Usage const& usage, std::string_view name) {
  auto const is_it = [&](Flag const& flag) { return flag.name == name && !flag.value.empty(); };
  return std::any_of(usage.flags.begin(), usage.flags.end(), is_it) ||
         std::any_of(global_flags().begin(), global_flags().end(), is_it);
}

/// As CLI11 reads them: from the last to the first, and an empty value by itself.
std::vector<std::string> for_reading(std::vector<std::string> const& arguments, Usage const& usage) {
  std::vector<std::string> reversed;
  for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
    std::string_view name = *argument;
    bool const is_empty = name.starts_with("--") && name.find('=') == name.size() - 1;
    if (is_empty && takes_value(usage, name.substr(2, name.size() - 3))) {
      reversed.emplace_back();
      reversed.emplace_back(name.substr(0, name.size() - 1));
    } else {
      reversed.push_back(*argument);
    }
  }
  return reversed;
}

}  // namespace

std::vector<Flag> const& global_flags() {
  static std::vector<Flag> const flags = {
      {"output", "text or json (default text)", "TYPE", 'o', false},
      {"profile", "section of ~/.databrickscfg", "NAME", 'p', false},
      {"emulator", "use the emulator that serves in the background", ""},
      {"debug", "show requests and responses, without secrets", "", 0, false},
      // Of the Databricks CLI: it logs with these, and looks for bundles with the last one.
      {"log-level", "", "LEVEL", 0, true},
      {"log-file", "", "FILE", 0, true},
      {"log-format", "", "TYPE", 0, true},
      {"target", "", "NAME", 't', true},
  };
  return flags;
}

CommandLine::CommandLine(Usage const& usage, std::vector<std::string> const& arguments) {
  auto const dashes = std::find(arguments.begin(), arguments.end(), "--");
  has_dashes_ = dashes != arguments.end();
  if (has_dashes_) passed_on_.assign(dashes + 1, arguments.end());
  std::vector<std::string> own{arguments.begin(), dashes};

  Read read;
  auto const app = app_of(usage, read);
  try {
    app->parse(for_reading(own, usage));
  } catch (CLI::CallForHelp const&) {
    throw HelpWanted{usage};
  } catch (CLI::ArgumentMismatch const& error) {
    throw UsageFailure{fmt::format("flag needs an argument: {}", error.what()), usage_line(usage)};
  } catch (CLI::Error const& error) {
    throw UsageFailure{error.what(), usage_line(usage)};
  }
  for (auto const& extra : app->remaining()) {
    if (extra.size() > 1 && extra[0] == '-') refuse_flag(extra, usage);
    positionals_.push_back(extra);
  }
  for (auto& [name, values] : read) {
    if (!values.empty()) values_[name] = without_equals(values.back(), own);
  }
  for (auto const& flag : usage.flags) {
    if (flag.value.empty()) check_switch(flag, usage);
  }
}

void CommandLine::check_switch(Flag const& flag, Usage const& usage) const {
  auto const set = value(flag.name);
  if (!set || *set == "true" || *set == "false") return;
  throw UsageFailure{fmt::format("invalid argument \"{}\" for \"--{}\" flag: expected true or false", *set, flag.name),
                     usage_line(usage)};
}

std::optional<std::string> CommandLine::value(std::string const& flag) const {
  auto const found = values_.find(flag);
  return found == values_.end() ? std::nullopt : std::optional{found->second};
}

bool CommandLine::is_on(std::string const& flag) const {
  auto const set = value(flag);
  return set && *set == "true";
}

void expect_positionals(CommandLine const& line, Usage const& usage, std::size_t least, std::size_t most) {
  auto const received = line.positionals().size();
  if (received >= least && received <= most) return;
  constexpr auto any_number = std::numeric_limits<std::size_t>::max();
  auto const expected = least == most        ? fmt::format("{}", most)
                        : least == 0         ? fmt::format("at most {}", most)
                        : most == any_number ? fmt::format("at least {}", least)
                                             : fmt::format("between {} and {}", least, most);
  throw UsageFailure{fmt::format("accepts {} arg(s), received {}", expected, received), usage_line(usage)};
}

std::optional<std::string> take_word(std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    auto const& argument = arguments[i];
    if (!argument.starts_with('-')) {
      auto word = argument;
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
      return word;
    }
    auto const& flags = global_flags();
    bool const takes_next = std::any_of(flags.begin(), flags.end(), [&](Flag const& flag) {
      return !flag.value.empty() &&
             (argument == "--" + flag.name || (flag.letter != 0 && argument == std::string{'-', flag.letter}));
    });
    if (takes_next) ++i;
  }
  return std::nullopt;
}

std::string take_subcommand(Usage const& group, std::vector<std::string>& arguments) {
  auto word = take_word(arguments);
  if (!word) {
    static_cast<void>(CommandLine{group, arguments});  // refuses what is no flag
    throw HelpWanted{group};
  }
  std::vector<std::string> known;
  for (auto const& [name, summary] : group.subcommands) {
    if (name == *word) return *std::move(word);
    known.push_back(name);
  }
  throw UsageFailure{fmt::format("unknown command \"{}\" for \"{}\"{}", *word, group.command, suggestion(*word, known)),
                     usage_line(group)};
}

std::string usage_line(Usage const& usage) {
  std::string line = "Usage:\n  " + usage.command;
  if (!usage.positionals.empty()) line += ' ' + usage.positionals;
  if (!usage.subcommands.empty()) line += " COMMAND";
  return line + " [flags]\n";
}

std::string help_text(Usage const& usage) {
  std::string text = usage.summary + "\n\n" + usage_line(usage);
  if (!usage.example.empty()) text += "\nExample:\n  " + usage.example + '\n';
  if (!usage.subcommands.empty()) {
    std::size_t widest = 0;
    for (auto const& [name, summary] : usage.subcommands) widest = std::max(widest, name.size());
    text += "\nCommands:\n";
    for (auto const& [name, summary] : usage.subcommands) text += fmt::format("  {:<{}}  {}\n", name, widest, summary);
  }
  Read read;
  auto const app = app_of(usage, read);
  CLI::Formatter formatter;
  formatter.column_width(34);
  auto groups = formatter.make_groups(app.get(), CLI::AppFormatMode::Normal);
  for (auto const& [from, to] : {std::pair{"\nOptions:", "\nFlags:"}, std::pair{" TYPE ", " TYPE "}}) {
    if (auto const at = groups.find(from); at != std::string::npos)
      groups.replace(at, std::string_view{from}.size(), to);
  }
  if (auto const at = groups.find("\n\n\n"); at != std::string::npos) groups.erase(at, 1);
  while (groups.ends_with("\n\n")) groups.pop_back();
  return text + groups;
}

}  // namespace lakebase::cli
