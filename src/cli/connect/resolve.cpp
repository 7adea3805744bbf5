#include "cli/connect/resolve.hpp"

#include <charconv>
#include <functional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/failure.hpp"
#include "cli/output/progress.hpp"
#include "cli/system/streams_posix.hpp"
#include "tools/errors.hpp"

namespace lakebase::cli {
namespace {

using Product = tools::Target::Product;
using Choices = std::vector<tools::Choice>;

std::string choose(Choices const& choices, std::string_view label) {
  if (!is_terminal(Stream::in) || !is_terminal(Stream::error)) {
    throw Failure{fmt::format("there are {} to choose from, and no terminal to ask at: name one on the command line",
                              choices.size())};
  }
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) text += fmt::format("  {}) {}\n", i + 1, choices[i].shown);
  write(Stream::error, text);
  while (true) {
    write(Stream::error, fmt::format("{} [1]: ", label));
    auto const entered = read_line();
    if (!entered) throw Failure{"nothing was chosen"};
    if (entered->empty()) return choices[0].id;
    std::size_t number = 0;
    auto const [end, error] = std::from_chars(entered->data(), entered->data() + entered->size(), number);
    if (error == std::errc{} && end == entered->data() + entered->size() && number >= 1 && number <= choices.size()) {
      return choices[number - 1].id;
    }
    say(fmt::format("A number from 1 to {}, please.", choices.size()));
  }
}

/// The only one, or the one that is chosen.
std::string only_or_chosen(Choices const& choices, std::string_view none, std::string_view label) {
  if (choices.empty()) throw Failure{std::string{none}};
  return choices.size() == 1 ? choices[0].id : choose(choices, label);
}

std::string chosen_id(std::string_view kind, std::function<Choices()> const& list, std::string_view none) {
  return tools::attempt(fmt::format("select {}", kind), [&] {
    auto const choices = [&] {
      Progress const progress{"loading"};
      return list();
    }();
    return only_or_chosen(choices, none, fmt::format("Select {}", kind));
  });
}

/// Asks for one of all instances and projects. One of the two lists may fail: a workspace may have one product only.
void choose_any(WorkspaceClient const& client, tools::Target& target) {
  Choices choices;
  std::string failures;
  int failed = 0;
  auto const add = [&](auto const& list, std::string_view kind) {
    try {
      for (auto const& [shown, id] : list(client)) {
        choices.push_back({fmt::format("{} ({})", shown, kind), fmt::format("{}:{}", kind, id)});
      }
    } catch (Error const& error) {
      failures += (failures.empty() ? "" : "\n") + tools::message_of(error);
      ++failed;
    }
  };
  {
    Progress const progress{"loading Lakebase databases"};
    add(tools::instances_of, "provisioned");
    add(tools::projects_of, "autoscaling");
  }
  if (failed == 2) throw Failure{"failed to list Lakebase databases: " + failures};
  if (choices.empty()) throw Failure{"no Lakebase databases found in workspace"};
  auto const chosen = choose(choices, "Select database to connect to");
  auto const colon = chosen.find(':');
  bool const provisioned = chosen.starts_with("provisioned");
  target.product = provisioned ? Product::provisioned : Product::autoscaling;
  (provisioned ? target.instance : target.project) = chosen.substr(colon + 1);
}

}  // namespace

tools::Guide terminal_guide() {
  return {.choose = &chosen_id, .found = [](std::string const& line) { say(line); }};
}

tools::Login resolve(WorkspaceClient const& client, tools::Target target) {
  if (target.product == Product::any) choose_any(client, target);
  return tools::log_in(client, std::move(target), terminal_guide());
}

}  // namespace lakebase::cli
