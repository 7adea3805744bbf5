#include "cli/completion.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/parse/settings.hpp"
#include "cli/program.hpp"
#include "cli/system/cache_posix.hpp"
#include "cli/system/streams_posix.hpp"
#include "cli/tasks/names.hpp"

namespace lakebase::cli {
namespace {

/// For everything: who presses Tab is not to wait longer, whatever a login by another program or a resolver does.
constexpr std::chrono::seconds longest{3};

constexpr std::string_view bash_script = R"script(# For bash: source <(lakebase completion bash)
_lakebase() {
  local candidate
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    COMPREPLY+=("$candidate")
  done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
}
complete -o default -F _lakebase lakebase
)script";

constexpr std::string_view zsh_script = R"script(#compdef lakebase
# For zsh, after compinit: source <(lakebase completion zsh)
_lakebase() {
  local line
  local -a lines whole shown parts
  lines=("${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    case ${line%%$'\t'*} in
      */) parts+=("${line%%$'\t'*}") ;;
      *)
        whole+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
        ;;
    esac
  done
  (( $#whole + $#parts )) || { _files; return; }
  (( $#whole )) && compadd -l -d shown -a whole
  (( $#parts )) && compadd -S '' -a parts
}
if [[ $funcstack[1] == _lakebase ]]; then _lakebase "$@"; else compdef _lakebase lakebase; fi
)script";

constexpr std::string_view fish_script = R"script(# For fish: lakebase completion fish | source
function __lakebase_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete $words[2..] "$current" 2>/dev/null
end
complete -c lakebase -n 'not contains -- -- (commandline -opc)' -f -a '(__lakebase_complete)'
)script";

struct Candidate {
  std::string word;
  std::string help{};
};

using Candidates = std::vector<Candidate>;

Flag const* find_flag(Usage const& usage, std::string_view argument) {
  for (auto const* flags : {&usage.flags, &global_flags()}) {
    for (auto const& flag : *flags) {
      bool const is_letter = flag.letter != 0 && argument == std::string{'-', flag.letter};
      if (is_letter || argument == "--" + flag.name) return &flag;
    }
  }
  return nullptr;
}

/// What the words before the last one say.
struct Line {
  Usage usage;
  std::vector<std::string> positionals{};
  std::vector<std::pair<std::string, std::string>> values{};  ///< of flags
  Flag const* open = nullptr;                                 ///< the flag whose value the last word is

  [[nodiscard]] std::optional<std::string> value(std::string_view flag) const {
    for (auto const& [name, text] : values) {
      if (name == flag) return text;
    }
    return std::nullopt;
  }
};

/// None if the words are no command of this program.
std::optional<Line> read(std::string const& program, std::vector<std::string> const& words) {
  std::vector<std::string> path;
  auto const top = usage_at(program, {});
  if (!top) return std::nullopt;
  Line line{.usage = *top};
  for (auto const& word : words) {
    if (line.open != nullptr) {
      line.values.emplace_back(line.open->name, word);
      line.open = nullptr;
    } else if (word.starts_with('-')) {
      auto const* const flag = find_flag(line.usage, word);
      if (flag != nullptr && !flag->value.empty()) line.open = flag;
    } else if (line.usage.subcommands.empty()) {
      line.positionals.push_back(word);
    } else {
      path.push_back(word);
      auto const usage = usage_at(program, path);
      if (!usage) return std::nullopt;
      line.usage = *usage;
      line.open = nullptr;
    }
  }
  return line;
}

/// The word of an example that stands at a positional, which shows what kind of name belongs there.
std::string sample_at(Usage const& usage, std::size_t position) {
  auto words = split(std::string_view{usage.example}.substr(std::min(usage.command.size(), usage.example.size())), ' ');
  return position < words.size() ? words[position] : "";
}

std::string id_of(std::string const& name) {
  return name.substr(name.rfind('/') + 1);
}

class Completion {
 public:
  Completion(std::string const& program, Line const& line, std::string const& begun) : line_(line), begun_(begun) {
    settings_.program = program;
    settings_.profile = line.value("profile");
  }

  Candidates all() {
    if (line_.open != nullptr) {
      add_values(line_.open->name);
    } else if (begun_.starts_with('-')) {
      add_flags();
    } else if (!line_.usage.subcommands.empty()) {
      for (auto const& [word, summary] : line_.usage.subcommands) add(word, summary);
    } else {
      add_positional();
    }
    return std::move(candidates_);
  }

 private:
  void add(std::string word, std::string help = "") {
    if (word.starts_with(begun_)) candidates_.push_back({std::move(word), std::move(help)});
  }

  void add_names(std::string const& collection, std::string const& end = "") {
    for (auto const& name : names_in(settings_, collection)) add(name + end);
  }

  void add_ids(std::string const& collection) {
    for (auto const& name : names_in(settings_, collection)) add(id_of(name));
  }

  void add_flags() {
    for (auto const* flags : {&line_.usage.flags, &global_flags()}) {
      for (auto const& flag : *flags) {
        if (!flag.hidden) add("--" + flag.name, flag.help);
      }
    }
    add("--help", "show this help");
  }

  void add_values(std::string const& flag) {
    if (flag == "output") {
      for (auto const* const word : {"json", "text"}) add(word);
    } else if (flag == "project") {
      add_ids("projects");
    } else if (flag == "branch" || flag == "from") {
      add_branch_ids();
    }
  }

  /// Those of the project that a flag names, or of the only one.
  void add_branch_ids() {
    auto project = line_.value("project");
    if (!project) {
      auto const projects = names_in(settings_, "projects");
      if (projects.size() != 1) return;
      project = projects[0];
    }
    add_ids(fmt::format("projects/{}/branches", id_of(*project)));
  }

  void add_positional() {
    auto const position = line_.positionals.size();
    auto const words = split(line_.usage.positionals, ' ');
    if (position >= words.size()) return;
    auto word = words[position];
    std::erase_if(word, [](char letter) { return letter == '[' || letter == ']'; });
    if (word == "SHELL") {
      for (auto const* const shell : {"bash", "zsh", "fish"}) add(shell);
    } else if (word == "TARGET" || word == "SOURCE") {
      add_path("projects/p/branches/b/endpoints/e", true);
      if (begun_.find('/') == std::string::npos) add_names("instances");
    } else if (word == "PROJECT") {
      add_ids("projects");
    } else if (word == "BRANCH" || word == "A" || word == "B") {
      add_branch_ids();
    } else if (auto const sample = sample_at(line_.usage, position); sample == "my-instance") {
      add_names("instances");
    } else {
      add_path(sample, false);
    }
  }

  /// The next part of a resource's name of the sample's form, a part at a time.
  void add_path(std::string const& sample, bool may_end_early) {
    if (!sample.starts_with("projects/")) return;
    auto const collections = split(sample, '/');
    auto const level = static_cast<std::size_t>(std::count(begun_.begin(), begun_.end(), '/')) / 2;
    // `projects/p/` has the names of what is below `projects/p`.
    auto const parts = split(begun_, '/');
    if (2 * level + 1 >= collections.size()) return;
    std::string parent;
    for (std::size_t i = 0; i < 2 * level && i < parts.size(); ++i) parent += parts[i] + '/';
    bool const is_last = 2 * level + 2 >= collections.size();
    add_names(parent + collections[2 * level], is_last || may_end_early ? "" : "/");
  }

  Line const& line_;
  std::string const& begun_;
  Settings settings_;
  Candidates candidates_;
};

}  // namespace

int run_completion(std::string const& program, std::vector<std::string> const& arguments) {
  Usage const usage{
      .command = program + " completion",
      .positionals = "SHELL",
      .summary = "Print a script for a shell (bash, zsh or fish) that completes commands, flags and names.",
      .example = program + " completion bash >~/.local/share/bash-completion/completions/lakebase"};
  CommandLine const line{usage, arguments};
  expect_positionals(line, usage, 1, 1);
  auto const& shell = line.positionals()[0];
  for (auto const& [name, script] :
       {std::pair{"bash", bash_script}, std::pair{"zsh", zsh_script}, std::pair{"fish", fish_script}}) {
    if (shell != name) continue;
    write(Stream::out, script);
    return 0;
  }
  throw UsageFailure{fmt::format("unknown shell \"{}\": there are bash, zsh and fish", shell), usage_line(usage)};
}

int run_complete(std::string const& program, std::vector<std::string> const& words) {
  end_after(longest);
  auto before = words;
  // bash takes the sign of `--flag=value` for a word.
  std::erase(before, "=");
  auto const is_after_sign = !words.empty() && words.back() == "=";
  std::string begun;
  if (!before.empty() && !is_after_sign) {
    begun = before.back();
    before.pop_back();
  }
  if (std::find(before.begin(), before.end(), "--") != before.end()) return 0;
  auto const line = read(program, before);
  if (!line) return 0;
  std::string text;
  for (auto const& candidate : Completion{program, *line, begun}.all()) {
    text += candidate.word + (candidate.help.empty() ? "" : "\t" + candidate.help) + '\n';
  }
  write(Stream::out, text);
  return 0;
}

}  // namespace lakebase::cli
