// Counts the attempts of all calls and their times by method and status, and writes the library's warnings to standard
// error: this is where OpenTelemetry or another metrics library is attached.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include <lakebase/lakebase.hpp>

namespace {

// Calls may be made from several threads, so the observer locks.
class Metrics {
 public:
  void add(lakebase::CallAttempt const& attempt) {
    std::lock_guard const lock{mutex_};
    auto& row = rows_[std::string{attempt.method} + ' ' + std::to_string(attempt.status)];
    ++row.attempts;
    row.retried += attempt.will_retry ? 1 : 0;
    row.time += attempt.duration;
  }

  void print() const {
    std::lock_guard const lock{mutex_};
    for (auto const& [name, row] : rows_) {
      auto const mean = std::chrono::duration<double, std::milli>(row.time).count() / row.attempts;
      std::printf("%s: %d attempts, %d retried, %.2f ms on average\n", name.c_str(), row.attempts, row.retried, mean);
    }
  }

 private:
  struct Row {
    int attempts = 0;
    int retried = 0;
    std::chrono::nanoseconds time{};
  };

  mutable std::mutex mutex_;
  std::map<std::string, Row> rows_;
};

}  // namespace

int main() try {
  Metrics metrics;
  lakebase::WorkspaceClient const w{{
      .log =
          [](lakebase::LogRecord const& record) {
            std::fprintf(stderr, "%.*s\n", static_cast<int>(record.message.size()), record.message.data());
          },
      .observer = [&](lakebase::CallAttempt const& attempt) { metrics.add(attempt); },
  }};
  for (auto const& project : w.postgres.list_projects()) {
    std::printf("%s\n", lakebase::at(project, &lakebase::postgres::Project::name).c_str());
  }
  try {
    static_cast<void>(w.postgres.get_project("projects/there-is-none"));
  } catch (lakebase::NotFound const&) {
  }
  metrics.print();
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "observe_calls: %s\n", error.what());
  return EXIT_FAILURE;
}
