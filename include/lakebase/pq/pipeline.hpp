#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/session_hold.hpp>
#include <lakebase/pq/statement_options.hpp>

namespace lakebase::inline v0::pq {

namespace detail {
struct PipelineState;
}  // namespace detail

/// Statements that are sent together and answered together: one round trip in all. Outside a transaction they are one:
/// where one fails, none has an effect. Keeps the session open, or a pool's connection lent, for as long as it lives.
class LAKEBASE_PQ_EXPORT Pipeline {
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
  std::vector<Result> run(StatementOptions const& options = {});

 private:
  std::unique_ptr<detail::PipelineState> state_;
};

}  // namespace lakebase::inline v0::pq
