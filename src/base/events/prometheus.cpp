#include <lakebase/prometheus.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lakebase {
inline namespace v0 {

namespace {

enum class MetricType { counter, gauge, histogram };

// Boundaries in seconds, as the conventions advise; the last two follow calls and waits that take minutes.
constexpr std::array http_boundaries{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0};
constexpr std::array sql_boundaries{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0};
constexpr std::array long_boundaries{0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0};

struct MetricKind {
  std::string_view name;
  MetricType type;
  std::string_view help;
  std::span<double const> boundaries{};
};

using Type = MetricType;
constexpr MetricKind attempts{"http_client_request_duration_seconds", Type::histogram,
                              "Duration of HTTP requests, one for each attempt of a call.", http_boundaries};
constexpr MetricKind calls{"lakebase_call_duration_seconds", Type::histogram,
                           "Duration of calls of the API, with all attempts and pauses.", http_boundaries};
constexpr MetricKind waits{"lakebase_wait_duration_seconds", Type::histogram,
                           "Duration of waits for operations of the service.", long_boundaries};
constexpr MetricKind mints{"lakebase_mint_duration_seconds", Type::histogram, "Duration of requests for new tokens.",
                           http_boundaries};
constexpr MetricKind connects{"lakebase_connect_duration_seconds", Type::histogram,
                              "Duration of connecting to databases, with all attempts and pauses.", long_boundaries};
constexpr MetricKind logins{"lakebase_logins_total", Type::counter, "Attempts to connect to a database."};
constexpr MetricKind statements{"db_client_operation_duration_seconds", Type::histogram,
                                "Duration of statements and COPYs.", sql_boundaries};
constexpr MetricKind creations{"db_client_connection_create_time_seconds", Type::histogram,
                               "The time it took to open a connection of a pool.", long_boundaries};
constexpr MetricKind acquisitions{"db_client_connection_wait_time_seconds", Type::histogram,
                                  "The time it took to obtain a connection of a pool.", sql_boundaries};
constexpr MetricKind uses{"db_client_connection_use_time_seconds", Type::histogram,
                          "The time between borrowing a connection and returning it to its pool.", sql_boundaries};
constexpr MetricKind timeouts{"db_client_connection_timeouts_total", Type::counter,
                              "Requests for a connection of a pool that ran out of time."};
constexpr MetricKind closings{"lakebase_pool_closed_total", Type::counter, "Connections that a pool has closed."};
constexpr MetricKind connections{"db_client_connection_count", Type::gauge,
                                 "Connections of a pool that are in the state."};
constexpr MetricKind pending{"db_client_connection_pending_requests", Type::gauge,
                             "Requests for a connection of a pool that are under way."};

struct Label {
  std::string_view name{};
  std::string_view value{};
};
using Labels = std::initializer_list<Label>;

void append_escaped(std::string& text, std::string_view value) {
  for (char const c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
}

// `a="1",b="2"`, without those that are empty. `fixed`: instead of each value.
std::string text_of(Labels labels, std::string_view fixed = {}) {
  std::string text;
  for (auto const& [name, value] : labels) {
    if (value.empty()) continue;
    if (!text.empty()) text += ',';
    text.append(name).append("=\"");
    append_escaped(text, fixed.empty() ? value : fixed);
    text += '"';
  }
  return text;
}

// One label set of a metric.
struct Series {
  double value = 0;  // the sum of a histogram
  std::uint64_t count = 0;
  std::vector<std::uint64_t> buckets{};
};

struct Metric {
  MetricKind const* kind = nullptr;
  std::map<std::string, Series, std::less<>> series{};
};

std::string line(std::string_view name, std::string_view labels, std::string_view more, std::string_view value) {
  std::string braces;
  if (!labels.empty() || !more.empty()) {
    braces = fmt::format("{{{}{}{}}}", labels, labels.empty() || more.empty() ? "" : ",", more);
  }
  return fmt::format("{}{} {}\n", name, braces, value);
}

void append_histogram(std::string& text, MetricKind const& kind, std::string_view labels, Series const& series) {
  auto const bucket = fmt::format("{}_bucket", kind.name);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kind.boundaries.size(); ++i) {
    below += series.buckets[i];
    text += line(bucket, labels, fmt::format("le=\"{}\"", kind.boundaries[i]), fmt::format("{}", below));
  }
  text += line(bucket, labels, "le=\"+Inf\"", fmt::format("{}", series.count));
  text += line(fmt::format("{}_sum", kind.name), labels, {}, fmt::format("{}", series.value));
  text += line(fmt::format("{}_count", kind.name), labels, {}, fmt::format("{}", series.count));
}

std::string_view word_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      break;
  }
  return "histogram";
}

}  // namespace

struct PrometheusCollector::State {
  explicit State(PrometheusOptions const& its_options) : options(its_options) {}

  // All of these are called with the mutex held.
  Series& find(MetricKind const& kind, Labels labels) {
    auto& metric = metrics[kind.name];
    metric.kind = &kind;
    auto key = text_of(labels);
    if (auto const found = metric.series.find(key); found != metric.series.end()) return found->second;
    if (metric.series.size() >= std::max<std::size_t>(options.max_series, 1)) key = text_of(labels, "other");
    auto& series = metric.series[key];
    series.buckets.resize(kind.boundaries.size());
    return series;
  }

  void add(MetricKind const& kind, Labels labels, double by = 1) { find(kind, labels).value += by; }

  void observe(MetricKind const& kind, Labels labels, std::chrono::nanoseconds duration) {
    auto& series = find(kind, labels);
    auto const seconds = std::chrono::duration<double>(duration).count();
    auto const bucket = std::lower_bound(kind.boundaries.begin(), kind.boundaries.end(), seconds);
    if (bucket != kind.boundaries.end()) ++series.buckets[static_cast<std::size_t>(bucket - kind.boundaries.begin())];
    ++series.count;
    series.value += seconds;
  }

  void count_state(Event const& event, std::string_view state, int by) {
    add(connections, {{"db_client_connection_pool_name", event.pool}, {"db_client_connection_state", state}}, by);
  }

  void count(Event const& event);
  void count_http(MetricKind const& kind, Event const& event);

  PrometheusOptions const options;
  mutable std::mutex mutex{};
  std::map<std::string_view, Metric> metrics{};
};

void PrometheusCollector::State::count_http(MetricKind const& kind, Event const& event) {
  auto const status = event.http_status == 0 ? std::string{} : fmt::format("{}", event.http_status);
  auto const port = event.server_port == 0 ? std::string{} : fmt::format("{}", event.server_port);
  observe(kind,
          {{"http_request_method", event.method},
           {"url_template", event.url_template},
           {"http_response_status_code", status},
           {"error_type", event.error_type},
           {"server_address", event.server_address},
           {"server_port", port}},
          event.duration);
}

void PrometheusCollector::State::count(Event const& event) {
  Label const error{"error_type", event.error_type};
  Label const pool{"db_client_connection_pool_name", event.pool};
  Label const system{"db_system_name", "postgresql"};
  bool const failed = !event.error_type.empty();
  switch (event.kind) {
    case EventKind::call:
      return count_http(calls, event);
    case EventKind::attempt:
      return count_http(attempts, event);
    case EventKind::wait:
      return observe(waits, {error}, event.duration);
    case EventKind::mint:
      return observe(mints, {{"lakebase_auth_strategy", event.subject}, error}, event.duration);
    case EventKind::connect:
      return observe(connects, {system, error}, event.duration);
    case EventKind::login:
      return add(logins, {system, error});
    case EventKind::query:
    case EventKind::copy:
      return observe(statements, {system, {"db_operation_name", event.operation}, error}, event.duration);
    case EventKind::acquire:
      add(pending, {pool}, -1);
      observe(acquisitions, {pool, error}, event.duration);
      if (event.error_type.ends_with("PoolTimeout")) add(timeouts, {pool});
      if (failed) return;
      count_state(event, "used", 1);
      return count_state(event, "idle", -1);
    case EventKind::open:
      observe(creations, {pool, error}, event.duration);
      return failed ? void() : count_state(event, "idle", 1);
    case EventKind::release:
      observe(uses, {pool}, event.duration);
      count_state(event, "used", -1);
      return count_state(event, "idle", 1);
    case EventKind::close:
      add(closings, {pool, {"lakebase_pool_close_reason", event.reason}});
      return count_state(event, "idle", -1);
  }
}

PrometheusCollector::PrometheusCollector(PrometheusOptions const& options) : state_(std::make_unique<State>(options)) {}
PrometheusCollector::~PrometheusCollector() = default;

EventObserver::Context PrometheusCollector::began(Event const& event) {
  if (event.kind == EventKind::acquire) {
    std::lock_guard const lock{state_->mutex};
    state_->add(pending, {{"db_client_connection_pool_name", event.pool}});
  }
  return nullptr;
}

void PrometheusCollector::ended(Event const& event, Context /*context*/) {
  std::lock_guard const lock{state_->mutex};
  state_->count(event);
}

std::string PrometheusCollector::text() const {
  std::lock_guard const lock{state_->mutex};
  std::string text;
  for (auto const& [name, metric] : state_->metrics) {
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, metric.kind->help, name, word_of(metric.kind->type));
    for (auto const& [labels, series] : metric.series) {
      if (metric.kind->type == MetricType::histogram) {
        append_histogram(text, *metric.kind, labels, series);
      } else {
        text += line(name, labels, {}, fmt::format("{}", series.value));
      }
    }
  }
  return text;
}

}  // namespace v0
}  // namespace lakebase
