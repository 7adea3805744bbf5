#include <lakebase/pq/pipeline.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <lakebase/error.hpp>

#include "pq/session/session.hpp"
#include "pq/session/watched.hpp"
#include "pq/sql/param_array.hpp"
#include "pq/sql/prepared.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {

struct PipelineState {
  struct Step {
    bool prepared = false;
    std::string text{};
    Params params{};
  };
  SessionHold session;
  std::vector<Step> steps{};
};

namespace {

int send_step(PGconn* c, PipelineState::Step const& step, ParamArray const& array, int result_format) {
  if (step.prepared) {
    return PQsendQueryPrepared(c, step.text.c_str(), array.size(), array.values(), array.lengths(), array.formats(),
                               result_format);
  }
  return PQsendQueryParams(c, step.text.c_str(), array.size(), array.types(), array.values(), array.lengths(),
                           array.formats(), result_format);
}

// Keeps the session in libpq's pipeline mode. If it cannot leave this mode, it is given up.
class PipelineMode {
 public:
  explicit PipelineMode(Session& session) : session_(session) {
    session.require_usable();
    // After a stream, libpq would return the rows of the first statement one by one, too. A statement without a text
    // ends that mode; it is refused before anything is sent.
    PQsendQueryParams(session.native(), nullptr, 0, nullptr, nullptr, nullptr, nullptr, 0);
    session.start([](PGconn* c) { return PQenterPipelineMode(c); });
  }
  ~PipelineMode() {
    if (PQstatus(session_.native()) != CONNECTION_OK || PQexitPipelineMode(session_.native()) == 1) return;
    session_.give_up(failure_saying("a pipeline could not be ended", session_.host()), true);
  }
  PipelineMode(PipelineMode const&) = delete;
  PipelineMode& operator=(PipelineMode const&) = delete;

 private:
  Session& session_;
};

struct StepResults {
  std::vector<Result> results{};
  ResultPointer first_error{};
};

// The server takes the following statements for data, or has gone on to them already: no end is worth waiting for.
[[noreturn]] void give_up_copying(Session& session, std::size_t step) {
  auto const which = "statement " + std::to_string(step + 1) + " of a pipeline copies, which needs copy_in or copy_out";
  session.give_up(failure_saying(which, session.host()), true);
  throw InvalidArgument(which + "; the session was given up, and the statements beside it may have had an effect");
}

// Reads the results of each step up to the pipeline's own end.
StepResults collect_steps(Session& session, StatementWait& wait) {
  StepResults all;
  for (int ends_in_a_row = 0;;) {
    auto result = session.next_result(wait);
    if (!result) {
      // One null ends each step; two in a row, or a lost session, end all of them.
      if (PQstatus(session.native()) != CONNECTION_OK || ++ends_in_a_row > 1) return all;
      continue;
    }
    ends_in_a_row = 0;
    auto const status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) return all;
    if (status == PGRES_PIPELINE_ABORTED) continue;
    if (is_copy(status)) give_up_copying(session, all.results.size());
    if (!is_error(status)) {
      all.results.emplace_back(std::move(result));
      continue;
    }
    bool const called_off = ends_session(result.get());
    if (!all.first_error) all.first_error = std::move(result);
    if (called_off) {
      session.give_up(failure_of(all.first_error.get(), session.host()), true);
      return all;
    }
  }
}

// Sends all steps and waits for all of them.
StepResults run_steps(Session& session, std::vector<PipelineState::Step> const& steps,
                      std::vector<ParamArray> const& arrays, StatementWait& wait, int result_format) {
  PipelineMode const mode{session};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    session.start([&](PGconn* c) { return send_step(c, steps[i], arrays[i], result_format); });
  }
  session.start([](PGconn* c) { return PQpipelineSync(c); });
  return collect_steps(session, wait);
}

PipelineResults results_of(StepResults all, std::size_t steps, Session& session, StatementWait const& wait) {
  if (all.first_error) session.throw_error(all.first_error.get(), wait);
  bool const lost = PQstatus(session.native()) != CONNECTION_OK;
  if (lost) session.give_up(failure_saying(clean(PQerrorMessage(session.native())), session.host()), true);
  if (!lost && all.results.size() != steps) session.throw_no_result();
  if (session.broken()) throw ConnectionError{*session.broken()};
  return PipelineResults{std::move(all.results)};
}

// What is told of a pipeline: only one of several statements is a batch.
WatchedStatement told_of(std::vector<PipelineState::Step> const& steps) {
  if (steps.size() > 1) return {.operation = "BATCH", .batch_size = static_cast<int>(steps.size())};
  auto const& only = steps.front();
  if (only.prepared) return {};
  return {.sql = only.text, .parametrised = !only.params.empty()};
}

// Until the prepared statements are known to work, or the session has failed.
PipelineResults run_all(Session& session, std::vector<PipelineState::Step> const& steps,
                        std::vector<ParamArray> const& arrays, StatementOptions const& options) {
  StatementWait wait{session, options};
  for (bool again = false;; again = true) {
    for (auto const& step : steps) {
      if (step.prepared) make_ready(session, step.text, wait, true);
    }
    bool const outside = session.outside_transaction();
    auto all = run_steps(session, steps, arrays, wait, options.binary_results ? 1 : 0);
    auto const ran = all.results.size();
    try {
      return results_of(std::move(all), steps.size(), session, wait);
    } catch (PgError const& error) {
      auto const& failed = steps[std::min(ran, steps.size() - 1)];
      if (!failed.prepared || !note_failure(session, failed.text, error)) throw;
      if (!outside || ran > 0 || again) throw_retryable(error);
    }
  }
}

}  // namespace
}  // namespace detail

Pipeline::Pipeline(detail::SessionHold session) : state_(std::make_unique<detail::PipelineState>()) {
  state_->session = std::move(session);
}
Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

std::size_t Pipeline::add(std::string_view sql, Params params) {
  state_->steps.push_back({false, std::string{detail::statement_text(sql)}, std::move(params)});
  return state_->steps.size() - 1;
}

std::size_t Pipeline::add_prepared(std::string_view name, Params params) {
  state_->steps.push_back({true, std::string{detail::without_nul(name, "the name of a statement")}, std::move(params)});
  return state_->steps.size() - 1;
}

PipelineResults Pipeline::run(StatementOptions const& options) {
  auto const steps = std::exchange(state_->steps, {});
  if (steps.empty()) return {};
  auto& session = *state_->session;
  session.require_usable();
  // Before anything is sent: what cannot be sent must not leave half a pipeline behind.
  std::vector<detail::ParamArray> arrays;
  arrays.reserve(steps.size());
  for (auto const& step : steps) arrays.emplace_back(step.params);
  return detail::watched(session, detail::told_of(steps),
                         [&] { return detail::run_all(session, steps, arrays, options); });
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
