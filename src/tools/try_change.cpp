#include "tools/try_change.hpp"

#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/error.hpp>

#include "tools/errors.hpp"
#include "tools/sql_script.hpp"

namespace lakebase::tools {
namespace {

constexpr auto life_of_branch = std::chrono::hours{1};
constexpr auto patience_for_delete = std::chrono::seconds{60};
constexpr std::string_view syntax_error = "42601";

/// Runs a statement by explaining it; nothing if it is not of the kind that has a plan.
std::optional<std::string> explain(pq::Transaction& transaction, std::string const& statement,
                                   pq::StatementOptions const& bounds) {
  transaction.exec("SAVEPOINT lakebase_plan", {}, bounds);
  try {
    std::string plan;
    for (auto const& [line] : transaction.query<std::string>("EXPLAIN (ANALYZE, COSTS OFF) " + statement, {}, bounds)) {
      plan += line + '\n';
    }
    return plan;
  } catch (pq::PgError const& error) {
    if (error.sqlstate() != syntax_error) throw;
  }
  transaction.exec("ROLLBACK TO SAVEPOINT lakebase_plan", {}, bounds);
  return std::nullopt;
}

/// When the transaction began, in which it differs from every other one of its session.
std::string start_of(pq::Transaction& transaction, pq::StatementOptions const& bounds) {
  return transaction.query_value<std::string>("SELECT extract(epoch FROM pg_catalog.transaction_timestamp())::text", {},
                                              bounds);
}

RanStatement run_one(pq::Transaction& transaction, std::string const& statement, RunOptions const& options) {
  pq::StatementOptions const bounds{.timeout = options.limit, .stop = options.stop};
  RanStatement ran{.statement = statement};
  auto start = std::chrono::steady_clock::now();
  if (options.with_plans) ran.plan = explain(transaction, statement, bounds);
  if (ran.plan) {
    ran.command = "EXPLAIN";
  } else {
    start = std::chrono::steady_clock::now();
    ran.command = transaction.exec(statement, {}, bounds).command();
  }
  ran.elapsed = std::chrono::steady_clock::now() - start;
  return ran;
}

std::string new_branch_id() {
  return fmt::format("try-{:x}", std::chrono::system_clock::now().time_since_epoch().count());
}

/// A branch that is there as long as this object.
class TrialBranch {
 public:
  TrialBranch(WorkspaceClient const& client, std::string_view source, WaitOptions const& wait)
      // What deletes it must not end with what used it.
      : client_(client.with({.timeout = patience_for_delete})) {
    postgres::Branch request;
    auto& spec = request.spec.emplace();
    spec.source_branch = std::string{source};
    spec.ttl = Duration{life_of_branch};
    auto const project = postgres::BranchName::parse(source).project();
    auto const id = new_branch_id();
    name_ = fmt::format("{}/branches/{}", project, id);
    try {
      attempt("make a branch to try it on",
              [&] { return client.postgres.create_branch(project, request, id).wait(wait); });
    } catch (Error const&) {
      remove();
      throw;
    }
  }
  ~TrialBranch() { remove(); }
  TrialBranch(TrialBranch const&) = delete;
  TrialBranch& operator=(TrialBranch const&) = delete;

  [[nodiscard]] std::string const& name() const { return name_; }

 private:
  void remove() noexcept {
    try {
      // Not waited for: the service goes on by itself.
      static_cast<void>(client_.postgres.delete_branch(name_, {.allow_missing = true, .purge = true}));
    } catch (std::exception const&) {
      // It expires within the hour.
    }
  }

  WorkspaceClient client_;
  std::string name_;
};

}  // namespace

std::vector<RanStatement> run_script(pq::Connection& session, std::string_view script, RunOptions const& options) {
  auto const statements = statements_of(script);
  if (statements.empty()) throw InvalidArgument{"the script has no statement"};
  std::vector<RanStatement> ran;
  auto transaction = session.begin();
  pq::StatementOptions const bounds{.timeout = options.limit, .stop = options.stop};
  auto const start = start_of(transaction, bounds);
  for (auto const& statement : statements) {
    try {
      ran.push_back(run_one(transaction, statement, options));
      auto const& command = ran.back().command;
      // ROLLBACK TO SAVEPOINT is called the same, and stays inside.
      if (command == "COMMIT" || (command == "ROLLBACK" && start_of(transaction, bounds) != start)) {
        throw InvalidArgument{fmt::format(
            "statement {} of {} ends the transaction that the script runs in, which is kept as a whole or not at all: "
            "leave BEGIN, COMMIT and ROLLBACK out\n{}",
            ran.size(), statements.size(), statement)};
      }
    } catch (pq::PgError const& error) {
      throw Error{fmt::format("statement {} of {} failed, and nothing of the script was kept: {}: {}\n{}",
                              ran.size() + 1, statements.size(), error.sqlstate(), error.message(), statement)};
    }
  }
  transaction.commit({.stop = options.stop});
  return ran;
}

Trial try_change(WorkspaceClient const& client, std::string_view branch, std::string_view script,
                 TrialOptions const& options) {
  auto const begin = [&](char const* step) {
    if (options.begins) options.begins(step);
  };
  begin("making a branch");
  TrialBranch const place{client, branch, options.wait};
  begin("connecting to it");
  auto session =
      pq::connect(pq::source_for(client, place.name(), {.dbname = options.database}), {.stop = options.wait.stop});
  auto const before = pq::read_schema(session);
  begin("running the script");
  Trial trial;
  trial.statements =
      run_script(session, script, {.with_plans = true, .limit = options.limit, .stop = options.wait.stop});
  trial.diff = pq::diff_schemas(before, pq::read_schema(session));
  return trial;
}

}  // namespace lakebase::tools
