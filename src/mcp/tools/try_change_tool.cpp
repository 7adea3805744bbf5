#include "mcp/tools/try_change_tool.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "mcp/tools/diff_tool.hpp"
#include "tools/target.hpp"
#include "tools/try_change.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::int64_t try_change_most_seconds = 3600;

struct TryChangeArguments {
  std::string script{};
  std::optional<std::string> target{};
  std::optional<std::string> database{};
  std::optional<bool> apply = true;
  std::optional<std::int64_t> timeout_seconds = 300;
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("script", &TryChangeArguments::script, "SQL statements, run in one transaction");
    field("target", &TryChangeArguments::target,
          "projects/ID[/branches/ID]; default: the only project, its default branch");
    field("database", &TryChangeArguments::database, "Default: databricks_postgres");
    field("apply", &TryChangeArguments::apply, "Whether to ask for running it on the target once it was tried");
    field("timeout_seconds", &TryChangeArguments::timeout_seconds,
          "A statement is cancelled after this time, 1 to 3600");
    field("confirm", &TryChangeArguments::confirm, "The code of the confirmation that this tool asked for before");
  }
};

struct Statement {
  std::string statement{};
  double milliseconds = 0;
  std::string command{};
  std::optional<std::string> plan{};

  template <class Field>
  static void describe(Field&& field) {
    field("statement", &Statement::statement);
    field("milliseconds", &Statement::milliseconds);
    field("command", &Statement::command);
    field("plan", &Statement::plan, "As EXPLAIN ANALYZE printed it");
  }
};

struct TryChangeOutcome {
  std::optional<std::string> status{};
  std::optional<std::string> target{};
  std::optional<std::vector<Statement>> trial{};
  std::optional<Json> diff{};
  std::optional<std::vector<Statement>> applied{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("status", &TryChangeOutcome::status, "TRIED, CONFIRMATION_REQUIRED, NOT_CONFIRMED, DECLINED or APPLIED");
    field("target", &TryChangeOutcome::target);
    field("trial", &TryChangeOutcome::trial, "What ran on the branch, which is deleted again");
    field("diff", &TryChangeOutcome::diff, "What the script changes in the schema: added, removed, changed");
    field("applied", &TryChangeOutcome::applied, "What ran on the target");
    field("message", &TryChangeOutcome::message);
    field("error", &TryChangeOutcome::error);
    field("confirm", &TryChangeOutcome::confirm, "To be brought back, if the user agrees");
  }
};

std::vector<Statement> shown(std::vector<tools::RanStatement> const& ran) {
  std::vector<Statement> statements;
  for (auto const& each : ran) {
    statements.push_back(
        {each.statement, std::chrono::duration<double, std::milli>{each.elapsed}.count(), each.command, each.plan});
  }
  return statements;
}

/// What was tried lately: who confirms it means that trial, and does not have to wait for another.
class Trials {
 public:
  [[nodiscard]] std::shared_ptr<tools::Trial const> find(std::string const& subject) {
    std::lock_guard const lock{mutex_};
    auto const now = std::chrono::steady_clock::now();
    kept_.remove_if([&](Kept const& each) { return each.time + life < now; });
    for (auto const& each : kept_) {
      if (each.subject == subject) return each.trial;
    }
    return nullptr;
  }
  void keep(std::string const& subject, std::shared_ptr<tools::Trial const> trial) {
    std::lock_guard const lock{mutex_};
    kept_.push_front({subject, std::move(trial), std::chrono::steady_clock::now()});
    if (kept_.size() > most) kept_.pop_back();
  }
  void forget(std::string const& subject) {
    std::lock_guard const lock{mutex_};
    kept_.remove_if([&](Kept const& each) { return each.subject == subject; });
  }

 private:
  static constexpr auto life = std::chrono::minutes{10};
  static constexpr std::size_t most = 32;
  struct Kept {
    std::string subject;
    std::shared_ptr<tools::Trial const> trial;
    std::chrono::steady_clock::time_point time;
  };
  std::mutex mutex_;
  std::list<Kept> kept_;
};

std::shared_ptr<tools::Trial const> tried(Workspace& workspace, Call& call, Trials& trials, std::string const& target,
                                          TryChangeArguments const& arguments, std::chrono::seconds limit) {
  auto const subject = Confirmation::subject_of(call);
  if (auto known = trials.find(subject)) return known;
  int count = 0;
  tools::TrialOptions options{.database = given(arguments.database), .limit = limit};
  options.wait.stop = call.stop();
  options.begins = [&](std::string const& step) { call.progress(++count, {}, step); };
  auto trial = std::make_shared<tools::Trial const>(
      tools::try_change(workspace.client(call), target, arguments.script, options));
  trials.keep(subject, trial);
  return trial;
}

ToolResult change(Workspace& workspace, Call& call, Trials& trials, TryChangeArguments const& arguments) {
  auto const seconds = arguments.timeout_seconds.value_or(300);
  if (seconds < 1 || seconds > try_change_most_seconds)
    throw BadArgument(fmt::format("timeout_seconds must be 1 to {}", try_change_most_seconds));
  auto const target = workspace.place(call, arguments.target.value_or(""));
  auto const parsed = tools::parse_target(target);
  if (parsed.branch.empty() || !parsed.endpoint.empty()) {
    throw Refusal{"The target must be a branch of a project: only that can be branched."};
  }
  auto const trial = tried(workspace, call, trials, target, arguments, std::chrono::seconds{seconds});
  TryChangeOutcome outcome;
  outcome.target = target;
  outcome.trial = shown(trial->statements);
  outcome.diff = json_of(trial->diff);
  if (!arguments.apply.value_or(true)) {
    outcome.status = "TRIED";
    outcome.message = "The script ran on a branch, which is deleted again; the target is as it was.";
    return result_of(json_of(outcome));
  }
  auto const changes = trial->diff.empty() ? std::string{"The schema stays as it is."}
                                           : "What it changes in the schema:\n" + trial->diff.to_string();
  auto const question = fmt::format("Run this script on {}? On a branch of it, all {} statements ran.\n{}\n\n{}",
                                    target, trial->statements.size(), arguments.script, changes);
  if (auto const instead = workspace.confirmation().ask(call, question)) {
    auto result = json_of(outcome);
    result.update(*instead);
    return result_of(std::move(result));
  }
  auto session = workspace.connect(call, target, arguments.database);
  outcome.applied = shown(
      tools::run_script(session, arguments.script, {.limit = std::chrono::seconds{seconds}, .stop = call.stop()}));
  trials.forget(Confirmation::subject_of(call));
  outcome.status = "APPLIED";
  return result_of(json_of(outcome));
}

}  // namespace

Tool try_change_tool(Workspace& workspace) {
  auto tool = typed_tool<TryChangeArguments>(
      "try_lakebase_change",
      "Tries an SQL script on a branch that is made for it and deleted again; returns what it "
      "changes in the schema, plans "
      "and timings. After the user has confirmed it, the script runs on the target.",
      [&workspace, trials = std::make_shared<Trials>()](Call& call, TryChangeArguments const& arguments) {
        return change(workspace, call, *trials, arguments);
      });
  tool.title = "Try a change of a Lakebase database";
  tool.output_schema = schema_of<TryChangeOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
