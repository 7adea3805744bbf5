#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/prometheus.hpp>

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Prometheus, RendersHistogramsWithHelpTypeAndCumulativeBuckets) {
  PrometheusCollector collector;
  EXPECT_EQ(collector.text(), "");
  Event event{.kind = EventKind::query, .server_address = "ep-planted-host", .database = "shop", .operation = "SELECT"};
  for (std::chrono::nanoseconds const duration : {500us, 5000us, 20000000us}) {
    event.duration = duration;
    collector.ended(event, {});
  }
  std::string const labels = R"(db_system_name="postgresql",db_operation_name="SELECT")";
  std::string expected =
      "# HELP db_client_operation_duration_seconds Duration of statements and COPYs.\n"
      "# TYPE db_client_operation_duration_seconds histogram\n";
  for (auto const* const bucket : {"0.001\"} 1", "0.005\"} 2", "0.01\"} 2", "0.05\"} 2", "0.1\"} 2", "0.5\"} 2",
                                   "1\"} 2", "5\"} 2", "10\"} 2", "+Inf\"} 3"}) {
    expected += "db_client_operation_duration_seconds_bucket{" + labels + ",le=\"" + bucket + "\n";
  }
  expected += "db_client_operation_duration_seconds_sum{" + labels + "} 20.0055\n";
  expected += "db_client_operation_duration_seconds_count{" + labels + "} 3\n";
  EXPECT_EQ(collector.text(), expected);
}

TEST(Prometheus, CountsHttpAttemptsWithoutIds) {
  PrometheusCollector collector;
  collector.ended({.kind = EventKind::attempt,
                   .method = "GET",
                   .path = "/api/2.0/postgres/projects/planted-id",
                   .url_template = "/api/2.0/postgres/projects/{id}",
                   .http_status = 503,
                   .request_id = "planted-request",
                   .server_address = "example.com",
                   .server_port = 443,
                   .duration = 3ms,
                   .error_type = "503"},
                  {});
  EXPECT_THAT(
      collector.text(),
      HasSubstr(R"(http_client_request_duration_seconds_count{http_request_method="GET",)"
                R"(url_template="/api/2.0/postgres/projects/{id}",http_response_status_code="503",error_type="503",)"
                R"(server_address="example.com",server_port="443"} 1)"));
  EXPECT_THAT(collector.text(), Not(HasSubstr("planted")));
}

TEST(Prometheus, KeepsTheGaugesOfAPool) {
  PrometheusCollector collector;
  auto const tell = [&](EventKind kind, std::string_view error = {}) {
    Event const event{.kind = kind, .pool = "main", .reason = "idle_timeout", .error_type = error};
    if (kind != EventKind::release && kind != EventKind::close) static_cast<void>(collector.began(event));
    collector.ended(event, {});
  };
  auto const has = [&](std::string const& name, std::string const& more, std::string const& value) {
    auto const label = R"({db_client_connection_pool_name="main")";
    EXPECT_THAT(collector.text(), HasSubstr(name + label + more + "} " + value + "\n"));
  };
  auto const states = [&](char const* used, char const* idle) {
    has("db_client_connection_count", R"(,db_client_connection_state="used")", used);
    has("db_client_connection_count", R"(,db_client_connection_state="idle")", idle);
  };
  tell(EventKind::open);
  tell(EventKind::acquire);
  states("1", "0");
  has("db_client_connection_pending_requests", "", "0");
  static_cast<void>(collector.began({.kind = EventKind::acquire, .pool = "main"}));
  has("db_client_connection_pending_requests", "", "1");
  collector.ended({.kind = EventKind::acquire, .pool = "main", .error_type = "lakebase::pq::PoolTimeout"}, {});
  has("db_client_connection_timeouts_total", "", "1");
  tell(EventKind::open, "28P01");
  tell(EventKind::acquire, "28P01");
  has("db_client_connection_timeouts_total", "", "1");
  tell(EventKind::release);
  states("0", "1");
  tell(EventKind::close);
  states("0", "0");
  has("lakebase_pool_closed_total", R"(,lakebase_pool_close_reason="idle_timeout")", "1");
  has("db_client_connection_use_time_seconds_count", "", "1");
}

TEST(Prometheus, EscapesLabels) {
  PrometheusCollector collector;
  collector.ended({.kind = EventKind::close, .pool = "a\"b\\c\nd", .reason = "broken"}, {});
  EXPECT_THAT(collector.text(), HasSubstr(R"(db_client_connection_pool_name="a\"b\\c\nd")"));
}

TEST(Prometheus, StaysSmallWhateverItIsTold) {
  PrometheusCollector collector{{.max_series = 3}};
  for (int i = 0; i < 100; ++i) {
    auto const name = "pool-" + std::to_string(i);
    collector.ended({.kind = EventKind::release, .pool = name}, {});
  }
  auto const text = collector.text();
  EXPECT_THAT(text,
              HasSubstr(R"(db_client_connection_use_time_seconds_count{db_client_connection_pool_name="other"} 97)"));
  EXPECT_THAT(text, Not(HasSubstr("pool-3\"")));
}

TEST(Prometheus, CountsInSeveralThreads) {
  PrometheusCollector collector;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 250; ++n) {
          static_cast<void>(collector.began({.kind = EventKind::acquire}));
          collector.ended({.kind = EventKind::acquire}, {});
          static_cast<void>(collector.text());
        }
      });
    }
  }
  EXPECT_THAT(collector.text(), HasSubstr("db_client_connection_wait_time_seconds_count 1000\n"));
}

TEST(Prometheus, CountsEveryKind) {
  PrometheusCollector collector;
  for (auto const kind : {EventKind::call, EventKind::wait, EventKind::mint, EventKind::connect, EventKind::login}) {
    collector.ended({.kind = kind, .subject = "planted-operation", .error_type = "x"}, {});
  }
  for (auto const* const name :
       {"lakebase_call_duration_seconds", "lakebase_wait_duration_seconds", "lakebase_mint_duration_seconds",
        "lakebase_connect_duration_seconds", "lakebase_logins_total"}) {
    EXPECT_THAT(collector.text(), HasSubstr("\n# TYPE " + std::string{name} + ' ')) << name;
  }
}

}  // namespace
}  // namespace lakebase::tests
