#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <lakebase/events.hpp>

namespace lakebase {
inline namespace v0 {

/// How a PrometheusCollector counts.
struct PrometheusOptions {
  /// Maximum number of label sets of a metric. What would need more is counted with `other` as the value of each label,
  /// so that a scrape stays small whatever a program does. At least 1.
  std::size_t max_series = 200;
};

/// Counts events, and renders the counts as Prometheus reads them: an endpoint `/metrics` responds with `text()` under
/// the type `content_type`. The names are OpenTelemetry's, as Prometheus writes them:
///
/// - `http_client_request_duration_seconds`: histogram of attempts, by method, template of the path, status, error
/// - `lakebase_call_duration_seconds`, `lakebase_wait_duration_seconds`, `lakebase_mint_duration_seconds`: histograms
/// of
///   calls with all their attempts, of waits for operations, of new tokens
/// - `db_client_operation_duration_seconds`: histogram of statements and COPYs, by command and error
/// - `lakebase_connect_duration_seconds`: histogram of connections that were made or not, with all their attempts
/// - `lakebase_logins_total`: attempts to connect, by error
/// - `db_client_connection_create_time_seconds`, `…_wait_time_seconds`, `…_use_time_seconds`: histograms of a pool
/// - `db_client_connection_count` by state, `db_client_connection_pending_requests`: what a pool holds now
/// - `db_client_connection_timeouts_total`, `lakebase_pool_closed_total` by reason
///
/// Labels are method, template, status, error, command, `PoolOptions::name` and the like: never an id, a host of a
/// database, a path or a statement.
///
/// Thread safety: safe to use from several threads at once.
/// Exceptions: none but std::bad_alloc from `text` and the constructor.
/// Lifetime: keep a std::shared_ptr to it, for `Config::events` and for the endpoint.
class LAKEBASE_EXPORT PrometheusCollector final : public EventObserver {
 public:
  /// `Content-Type` of `text()`.
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  /// Counts from zero.
  explicit PrometheusCollector(PrometheusOptions const& options = {});
  ~PrometheusCollector() override;
  PrometheusCollector(PrometheusCollector const&) = delete;
  PrometheusCollector& operator=(PrometheusCollector const&) = delete;

  /// Counts what is under way.
  Context began(Event const& event) override;
  /// Counts what has ended.
  void ended(Event const& event, Context context) override;

  /// All counts in the text format 0.0.4, sorted by name and labels.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace v0
}  // namespace lakebase
