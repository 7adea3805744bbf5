#include <lakebase/pq/pipeline.hpp>

#include <utility>

#include <lakebase/error.hpp>

#include "pq/param_array.hpp"
#include "pq/session.hpp"

namespace lakebase::inline v0::pq {
namespace detail {

struct PipelineState {
  struct Step {
    bool prepared = false;
    std::string text{};
    Params params{};
  };
  Session* session;
  std::vector<Step> steps{};
};

namespace {

int send_step(PGconn* c, PipelineState::Step const& step, ParamArray const& array) {
  if (step.prepared) {
    return PQsendQueryPrepared(c, step.text.c_str(), array.size(), array.values(), array.lengths(), array.formats(), 0);
  }
  return PQsendQueryParams(c, step.text.c_str(), array.size(), nullptr, array.values(), array.lengths(),
                           array.formats(), 0);
}

// Reads the results of each step up to the pipeline's own end; the first error stays in `first_error`.
std::vector<Result> collect_steps(Session& session, StatementWait& wait, ResultPointer& first_error) {
  std::vector<Result> results;
  int ends_in_a_row = 0;
  for (;;) {
    auto result = session.next_result(wait);
    if (!result) {
      // One null ends each step; two in a row, with a lost session, are the end of everything.
      if (PQstatus(session.native()) != CONNECTION_OK || ++ends_in_a_row > 1) return results;
      continue;
    }
    ends_in_a_row = 0;
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        return results;
      case PGRES_PIPELINE_ABORTED:
        break;
      case PGRES_FATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        if (!first_error) first_error = std::move(result);
        break;
      default:
        results.emplace_back(std::move(result));
    }
  }
}

}  // namespace
}  // namespace detail

Pipeline::Pipeline(detail::Session* session) : state_(std::make_unique<detail::PipelineState>()) {
  state_->session = session;
}
Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

std::size_t Pipeline::add(std::string_view sql, Params params) {
  state_->steps.push_back({false, std::string{detail::without_nul(sql, "a statement")}, std::move(params)});
  return state_->steps.size() - 1;
}

std::size_t Pipeline::add_prepared(std::string_view name, Params params) {
  state_->steps.push_back({true, std::string{name}, std::move(params)});
  return state_->steps.size() - 1;
}

std::vector<Result> Pipeline::run(StatementOptions const& options) {
  auto const steps = std::exchange(state_->steps, {});
  if (steps.empty()) return {};
  auto& session = *state_->session;
  session.require_usable();
  // Before anything is sent: what cannot be sent must not leave half a pipeline behind.
  std::vector<detail::ParamArray> arrays;
  arrays.reserve(steps.size());
  for (auto const& step : steps) arrays.emplace_back(step.params);
  detail::StatementWait wait{session, options};
  session.start([](PGconn* c) { return PQenterPipelineMode(c); });
  for (std::size_t i = 0; i < steps.size(); ++i) {
    session.start([&](PGconn* c) { return detail::send_step(c, steps[i], arrays[i]); });
  }
  session.start([](PGconn* c) { return PQpipelineSync(c); });
  detail::ResultPointer first_error;
  auto results = detail::collect_steps(session, wait, first_error);
  if (PQstatus(session.native()) == CONNECTION_OK && PQexitPipelineMode(session.native()) == 0) {
    session.give_up(detail::failure_saying("a pipeline could not be ended", session.host()), true);
  }
  if (first_error) session.throw_error(first_error.get(), wait);
  if (PQstatus(session.native()) != CONNECTION_OK) {
    session.give_up(detail::failure_saying(detail::clean(PQerrorMessage(session.native())), session.host()), true);
    throw *session.broken();
  }
  return results;
}

}  // namespace lakebase::inline v0::pq
