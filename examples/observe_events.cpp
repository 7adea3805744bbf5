// Watches calls and SQL together: metrics that Prometheus reads, and a line on standard error for what is slow or
// fails.
//
//   observe_events [projects/my-app/branches/production]

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>
#include <lakebase/prometheus.hpp>

int main(int count, char** arguments) try {
  std::string const target = count > 1 ? arguments[1] : "projects/my-app/branches/production";
  using namespace std::chrono_literals;

  // [observers]
  auto const metrics = std::make_shared<lakebase::PrometheusCollector>();
  auto const slow = lakebase::make_text_observer({.least_duration = 250ms});
  lakebase::WorkspaceClient const w{{.events = lakebase::join_observers({metrics, slow})}};
  lakebase::pq::ConnectionPool pool{lakebase::pq::source_for(w, target), {.max_size = 4, .name = "main"}};
  // [observers end]

  pool.run([](lakebase::pq::Transaction& tx) { tx.exec("SELECT $1::text", {"a value that no observer sees"}); });

  // [own]
  // Prints each statement that has failed.
  class Failures final : public lakebase::EventObserver {
   public:
    void ended(lakebase::Event const& event, Context /*from began*/) override {
      if (event.kind != lakebase::EventKind::query || event.error_type.empty()) return;
      std::printf("%s failed: %s\n", std::string{event.operation}.c_str(), std::string{event.error_type}.c_str());
    }
  };
  auto source = lakebase::pq::source_for(w, target);
  source.events = lakebase::join_observers({source.events, std::make_shared<Failures>()});
  auto connection = lakebase::pq::connect(source);
  // [own end]
  try {
    connection.exec("SELECT 1 / 0");
  } catch (lakebase::pq::PgError const&) {  // "SELECT failed: 22012" was printed
  }

  // [text]
  std::string const response = metrics->text();  // under the type lakebase::PrometheusCollector::content_type
  // [text end]
  std::printf("%s", response.c_str());
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "observe_events: %s\n", error.what());
  return EXIT_FAILURE;
}
