#include "cli/tasks/branch.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/duration.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/json.hpp"
#include "cli/base/words.hpp"
#include "cli/connect/psql.hpp"
#include "cli/connect/resolve.hpp"
#include "cli/output/progress.hpp"
#include "cli/output/text.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/parse/settings.hpp"
#include "cli/session/session.hpp"
#include "cli/session/wait.hpp"
#include "cli/system/environment.hpp"
#include "cli/system/git.hpp"
#include "cli/system/interrupt_posix.hpp"
#include "cli/system/streams_posix.hpp"
#include "cli/tasks/look.hpp"
#include "tools/branches.hpp"

namespace lakebase::cli {
namespace {

/// A command line of `lakebase branch` that has been read.
struct Call {
  Usage const& usage;
  CommandLine line;
  Settings settings;
  std::string program;

  [[nodiscard]] std::optional<std::string> positional(std::size_t number) const {
    auto const& all = line.positionals();
    return number < all.size() ? std::optional{all[number]} : std::nullopt;
  }

  /// The project that is named, or the only one.
  [[nodiscard]] std::string project(WorkspaceClient const& client, std::optional<std::string> named) const {
    if (!named) named = line.value("project");
    tools::Target target{.product = tools::Target::Product::autoscaling};
    if (named && tools::is_path(*named)) {
      target = tools::parse_target(*named);
    } else if (named) {
      target.project = *named;
    }
    tools::find_project(client, target, terminal_guide());
    return "projects/" + target.project;
  }

  [[nodiscard]] Awaited awaited(std::string shown, std::string operation) const {
    return {std::move(operation), std::move(shown), program + " postgres get-operation"};
  }

  /// The full name of a branch that is given by its id or by its name.
  [[nodiscard]] std::string branch(WorkspaceClient const& client, std::string const& given) const {
    check_branch(given);
    return tools::is_path(given) ? given : fmt::format("{}/branches/{}", project(client, std::nullopt), given);
  }

  /// Refuses a path that leads to no branch.
  static void check_branch(std::string const& given) {
    if (!tools::is_path(given)) return;
    auto const target = tools::parse_target(given);
    if (!target.branch.empty() && target.endpoint.empty()) return;
    throw Failure{fmt::format("{} does not name a branch: projects/…/branches/…", given)};
  }
};

/// A command that Ctrl-C ends, while an operation that it has started goes on. What people are asked is asked before:
/// there, Ctrl-C ends the process.
int interruptible(Call const& call, std::function<int(WorkspaceClient const&, std::stop_token)> const& work) {
  Interrupt const interrupt;
  try {
    return work(workspace(call.settings, interrupt.token()), interrupt.token());
  } catch (Cancelled const&) {
    throw Failure{"interrupted; what the service has begun goes on", interrupted_status};
  }
}

void print(Call const& call, std::string const& json) {
  auto const value = read_json(json);
  write(Stream::out, call.settings.is_json ? pretty(value) + '\n' : fields_text(value));
}

std::string age_of(std::optional<Timestamp> const& time, Timestamp const& now) {
  if (!time) return "-";
  return tools::span_text(std::chrono::seconds{std::max<std::int64_t>(0, now.seconds() - time->seconds())});
}

std::string row_of(tools::BranchNode const& node, Timestamp const& now, std::size_t width) {
  auto const& branch = node.branch;
  auto const status = branch.status.value_or(postgres::BranchStatus{});
  auto const state = status.current_state ? std::string{status.current_state->wire()} : "-";
  auto const size = status.logical_size_bytes ? tools::size_text(*status.logical_size_bytes) : "-";
  auto const expiry = status.expire_time ? "in " + age_of(now, *status.expire_time) : "never";
  std::string marks;
  if (status.default_.value_or(false)) marks += "default";
  if (status.is_protected.value_or(false)) marks += marks.empty() ? "protected" : ", protected";
  auto const id = tools::id_of(branch.name.value_or(""));
  // The lines of the tree are one column each, however many bytes.
  auto const taken = 3 * node.depth + id.size();
  auto line = fmt::format("{}{}{}  {:<10}  {:>7}  {:>8}  {:<10}  {}", node.lines, id,
                          std::string(width - std::min(width, taken), ' '), state, age_of(branch.create_time, now),
                          size, expiry, marks);
  return line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
}

int list(Call const& call) {
  auto const client = workspace(call.settings);
  auto const project = call.project(client, call.positional(0));
  auto const nodes = tools::branch_tree(client.postgres.list_branches(project).to_vector(), !draws_beyond_ascii());
  if (call.settings.is_json) {
    auto array = Json::array();
    for (auto const& node : nodes) array.push_back(read_json(to_json(node.branch)));
    write(Stream::out, pretty(array) + '\n');
    return 0;
  }
  std::size_t width = 6;
  for (auto const& node : nodes)
    width = std::max(width, 3 * node.depth + tools::id_of(node.branch.name.value_or("")).size());
  auto text = fmt::format("{:<{}}  {:<10}  {:>7}  {:>8}  {}\n", "BRANCH", width, "STATE", "AGE", "SIZE", "EXPIRES");
  Timestamp const now{client.postgres.clock()->system_now()};
  for (auto const& node : nodes) text += row_of(node, now, width);
  write(Stream::out, text);
  return 0;
}

int create(Call const& call) {
  auto name = call.positional(0);
  if (!name) name = git_ref();
  if (!name) throw Failure{"no NAME is given, and this folder is at no branch of git that could give one"};
  std::optional<std::string> project;
  if (tools::is_path(*name)) {
    auto const target = tools::parse_target(*name);
    if (target.branch.empty()) throw Failure{fmt::format("{} does not name a branch: projects/…/branches/…", *name)};
    project = target.project;
    name = target.branch;
  }
  tools::NewBranch wanted{.moment = call.line.value("at").value_or("")};
  if (auto const ttl = call.line.value("ttl")) wanted.ttl = Duration{parse_duration(*ttl, "--ttl")};
  static_cast<void>(tools::request_of(wanted));  // before anything is sent
  auto const id = tools::valid_branch_id(*name);
  if (id != *name) say(fmt::format("The branch's name is {}.", id));
  auto const from = call.line.value("from");
  if (from) Call::check_branch(*from);
  auto const parent = call.project(workspace(call.settings), project);
  if (from) {
    wanted.source = tools::is_path(*from) ? *from : fmt::format("{}/branches/{}", parent, *from);
  }
  return interruptible(call, [&](WorkspaceClient const& client, std::stop_token const& stop) {
    auto const operation = client.postgres.create_branch(parent, tools::request_of(wanted), id);
    postgres::Branch branch;
    await(call.awaited("making " + id, operation.name()), [&] { branch = operation.wait({.stop = stop}); });
    print(call, to_json(branch));
    return 0;
  });
}

int diff(Call const& call) {
  std::string before;
  std::string after;
  {
    auto const second = call.positional(1);
    if (second) Call::check_branch(*second);
    auto const client = workspace(call.settings);
    auto const named = call.branch(client, *call.positional(0));
    before = second ? named : tools::parent_of(client, named);
    after = second ? call.branch(client, *second) : named;
  }
  return interruptible(call, [&](WorkspaceClient const& client, std::stop_token stop) {
    auto const found = [&] {
      Progress const progress{"comparing"};
      return tools::diff_targets(client, before, after, {.dbname = call.line.value("database")},
                                 {.stop = std::move(stop)});
    }();
    if (!call.settings.is_json) {
      if (found.empty()) say(fmt::format("The schemas of {} and {} are equal.", before, after));
      write(Stream::out, found.to_string());
      return 0;
    }
    auto const listed = [](std::vector<pq::SchemaObject> const& objects) {
      auto array = Json::array();
      for (auto const& each : objects) {
        array.push_back({{"kind", each.kind}, {"name", each.name}, {"definition", each.definition}});
      }
      return array;
    };
    auto changed = Json::array();
    for (auto const& [old, now] : found.changed) {
      changed.push_back(
          {{"kind", now.kind}, {"name", now.name}, {"before", old.definition}, {"after", now.definition}});
    }
    Json result{{"before", before}, {"after", after}};
    result["added"] = listed(found.added);
    result["removed"] = listed(found.removed);
    result["changed"] = std::move(changed);
    write(Stream::out, pretty(result) + '\n');
    return 0;
  });
}

bool confirms(Call const& call, std::string const& question) {
  if (call.line.is_on("yes")) return true;
  if (!is_terminal(Stream::in) || !is_terminal(Stream::error)) {
    throw Failure{"this has to be confirmed, and there is no terminal to ask at: add --yes"};
  }
  write(Stream::error, question + " [y/N]: ");
  auto const entered = read_line();
  return entered && (*entered == "y" || *entered == "yes");
}

int reset(Call const& call) {
  std::string name;
  postgres::Branch branch;
  {
    auto const client = workspace(call.settings);
    name = call.branch(client, *call.positional(0));
    branch = tools::check_reset(client, name);
  }
  auto const source = branch.status->source_branch.value_or("");
  say(fmt::format(
      "{} is deleted with its data, and made anew from the newest state of {}, since the API has no reset.\n"
      "Its endpoints, roles and databases become those of a new branch: the host is another one, and sizes "
      "and other settings of endpoints are the project's.",
      name, source));
  if (!confirms(call, fmt::format("Reset {}?", name))) throw Failure{"nothing was changed"};
  return interruptible(call, [&](WorkspaceClient const& client, std::stop_token stop) {
    std::optional<Progress> progress;
    auto const made = tools::reset_branch(client, branch, {.stop = std::move(stop)}, [&](std::string_view step) {
      progress.emplace(fmt::format("{} {}", step, name));
    });
    progress.reset();
    for (auto const& endpoint : client.postgres.list_endpoints(name)) {
      auto const& status = endpoint.status;
      if (status && status->hosts) say(fmt::format("The host is now {}.", status->hosts->host.value_or("?")));
    }
    print(call, to_json(made));
    return 0;
  });
}

int remove(Call const& call) {
  auto const name = call.branch(workspace(call.settings), *call.positional(0));
  return interruptible(call, [&](WorkspaceClient const& client, std::stop_token const& stop) {
    postgres::DeleteBranchOptions options;
    if (call.line.is_on("purge")) options.purge = true;
    auto const operation = client.postgres.delete_branch(name, options);
    await(call.awaited("deleting " + name, operation.name()), [&] { operation.wait({.stop = stop}); });
    return 0;
  });
}

int open(Call const& call) {
  auto const name = call.branch(workspace(call.settings), *call.positional(0));
  std::vector<std::string> arguments{name};
  if (auto const profile = call.settings.profile) arguments.insert(arguments.end(), {"--profile", *profile});
  arguments.emplace_back("--");
  auto const& more = call.line.passed_on();
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_psql(call.program, arguments);
}

struct Word {
  std::string_view name;
  std::string_view positionals;
  std::size_t least;
  std::size_t most;
  std::string_view summary;
  std::string_view example;
  std::vector<Flag> flags;
  int (*run)(Call const&);
};

std::vector<Word> const& words() {
  static Flag const project{"project", "the project (default: the only one)", "ID"};
  static std::vector<Word> const all = {
      {"list", "[PROJECT]", 0, 1, "Show the branches of a project as a tree", "my-app", {project}, &list},
      {"create",
       "[NAME]",
       0,
       1,
       "Make a branch, by default with the name of the git branch",
       "feature/login --project my-app --ttl 7d",
       {project,
        {"from", "the branch to start from (default: the project's default branch)", "BRANCH"},
        {"at", "start from an earlier state: a time, or a position of the log", "TIME|LSN"},
        {"ttl", "delete it after this (default: never)", "DURATION"}},
       &create},
      {"diff",
       "A [B]",
       1,
       2,
       "Show what differs from the schema of A to that of B, or from A's parent to A",
       "dev --project my-app",
       {project, {"database", "name of the database (default databricks_postgres)", "NAME"}},
       &diff},
      {"reset",
       "BRANCH",
       1,
       1,
       "Delete a branch and make it anew from its parent's newest state",
       "dev --project my-app",
       {project, {"yes", "do not ask", ""}},
       &reset},
      {"delete",
       "BRANCH",
       1,
       1,
       "Delete a branch",
       "dev --project my-app",
       {project, {"purge", "for good, so that it cannot be restored", ""}},
       &remove},
      {"open",
       "BRANCH [-- PSQL_ARGS...]",
       1,
       1,
       "Open a session with psql",
       "dev --project my-app -- -c 'SELECT 1'",
       {project},
       &open},
  };
  return all;
}

int run(Word const& word, std::string const& command, std::string const& program,
        std::vector<std::string> const& arguments) {
  Usage const usage{.command = command,
                    .positionals = std::string{word.positionals},
                    .summary = std::string{word.summary} + ".",
                    .flags = word.flags,
                    .example = fmt::format("{} {}", command, word.example)};
  CommandLine line{usage, arguments};
  expect_positionals(line, usage, word.least, word.most);
  if (line.has_dashes() && word.name != "open") throw UsageFailure{"nothing can follow --", usage_line(usage)};
  auto settings = settings_of(line, usage, program);
  return word.run({usage, std::move(line), std::move(settings), program});
}

}  // namespace

int run_branch(std::string const& program, std::vector<std::string> const& arguments) {
  auto rest = arguments;
  Usage group{.command = program + " branch",
              .summary = "Branches of a project, as with git.",
              .example = program + " branch list my-app"};
  for (auto const& word : words()) group.subcommands.emplace_back(word.name, word.summary);
  auto const given = take_subcommand(group, rest);
  auto const word = std::find_if(words().begin(), words().end(), [&](Word const& each) { return each.name == given; });
  return run(*word, fmt::format("{} {}", group.command, given), program, rest);
}

int run_reset_branch(std::string const& program, std::vector<std::string> const& arguments) {
  for (auto const& word : words()) {
    if (word.name == "reset") return run(word, program + " postgres reset-branch", program, arguments);
  }
  return 1;
}

}  // namespace lakebase::cli
