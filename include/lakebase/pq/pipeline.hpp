#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/session_hold.hpp>
#include <lakebase/pq/statement_options.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
struct PipelineState;
}  // namespace detail

/// The results of a pipeline's statements, in their order.
///
/// Thread safety: safe to read from several threads at once.
/// Exceptions: none; a place that `add` did not return is undefined behaviour, as in a std::vector.
/// Lifetime: owns its results; iterators and references refer to it.
class PipelineResults {
 public:
  PipelineResults() = default;
  /// Made by `Pipeline::run`.
  explicit PipelineResults(std::vector<Result> results) noexcept : results_(std::move(results)) {}

  /// How many statements there were.
  [[nodiscard]] std::size_t size() const noexcept { return results_.size(); }
  /// Whether there was none.
  [[nodiscard]] bool empty() const noexcept { return results_.empty(); }
  /// The result of the statement for which `add` returned this place.
  [[nodiscard]] Result& operator[](std::size_t place) & { return results_[place]; }
  /// The same.
  [[nodiscard]] Result const& operator[](std::size_t place) const& { return results_[place]; }
  /// Of a temporary: `auto result = pipeline.run()[0];`.
  [[nodiscard]] Result operator[](std::size_t place) && { return std::move(results_[place]); }
  /// The first result.
  [[nodiscard]] auto begin() const& noexcept { return results_.begin(); }
  void begin() const&& = delete;  // would dangle: keep the PipelineResults in a variable first
  /// After the last result.
  [[nodiscard]] auto end() const& noexcept { return results_.end(); }
  void end() const&& = delete;  // would dangle: keep the PipelineResults in a variable first
  /// As a plain list.
  operator std::vector<Result>() && { return std::move(results_); }  // NOLINT(google-explicit-constructor)

 private:
  std::vector<Result> results_{};
};

/// Statements that are sent together, in one round trip. Outside a transaction they form one: if one fails, none has an
/// effect.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: `run` throws as the calls of Statements; adding statements sends nothing.
/// Lifetime: keeps the session open, or a pool's connection lent, as long as it exists.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Pipeline {
 public:
  /// Made by `Statements::pipeline`.
  explicit Pipeline(detail::SessionHold session);
  ~Pipeline();
  /// Takes over what has been queued.
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// Adds one statement; nothing is sent yet. @return its place among the results
  std::size_t add(std::string_view sql, Params params = {});
  /// Adds a prepared statement.
  std::size_t add_prepared(std::string_view name, Params params = {});
  /// Sends all and waits for all. The pipeline is empty again afterwards.
  /// @throws PgError with the first error; the statements after it were not run
  PipelineResults run(StatementOptions const& options = {});

 private:
  std::unique_ptr<detail::PipelineState> state_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
