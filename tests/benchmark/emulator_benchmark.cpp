// How fast the emulator is where a person or a test suite waits for it: from its start to `ready`, a project with a
// real initdb, a branch of a 100 MB parent, and the wake-up of a suspended endpoint. The baseline for these is the
// machine itself: initdb alone, and copying the same bytes with cp, in the same run.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>
#include <libpq-fe.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

namespace {

using namespace lakebase::postgres;
using namespace std::chrono_literals;

class Lakebase {
 public:
  lakebase::testing::Emulator emulator;
  lakebase::WorkspaceClient w{emulator.config()};
  std::string const user = *w.current_user.me().user_name;

  std::string query(std::string const& branch, char const* sql) const {
    auto const endpoint = branch + "/endpoints/primary";
    auto const token = *w.postgres.generate_database_credential(endpoint).token;
    auto const host = *w.postgres.get_endpoint(endpoint).status->hosts->host;
    auto const port = std::to_string(emulator.postgres_port());
    auto const ca = emulator.ca_certificate().string();
    char const* const keywords[] = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", nullptr};
    char const* const values[] = {host.c_str(),          port.c_str(),  user.c_str(), token.c_str(),
                                  "databricks_postgres", "verify-full", ca.c_str(),   nullptr};
    std::unique_ptr<PGconn, decltype(&PQfinish)> const connection{PQconnectdbParams(keywords, values, 0), &PQfinish};
    std::unique_ptr<PGresult, decltype(&PQclear)> const result{PQexec(connection.get(), sql), &PQclear};
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }
};

void StartToReady(benchmark::State& state) {
  for (auto _ : state) {
    FILE* const emulator = ::popen(LAKEBASE_EMULATOR " 2>/dev/null & echo $!; wait", "r");
    char line[4096];
    std::string pid;
    while (std::fgets(line, sizeof line, emulator) != nullptr && std::string{line}.rfind("ready", 0) != 0) {
      if (pid.empty()) pid = line;
    }
    state.PauseTiming();
    std::string const status = "/proc/" + pid.substr(0, pid.find('\n')) + "/status";
    if (FILE* const file = std::fopen(status.c_str(), "r")) {
      long resident = 0;
      while (std::fgets(line, sizeof line, file) != nullptr) {
        if (std::sscanf(line, "VmRSS: %ld kB", &resident) == 1) state.counters["resident_MB"] = resident / 1024.0;
      }
      std::fclose(file);
    }
    if (std::system(("kill " + pid).c_str()) != 0) throw std::runtime_error("the emulator does not stop");
    ::pclose(emulator);
    state.ResumeTiming();
  }
}

void InitdbAlone(benchmark::State& state) {
  auto const folder = std::filesystem::temp_directory_path() / "lakebase_initdb";
  std::string const as_user = std::system("test $(id -u) -eq 0") == 0 ? "su postgres -s /bin/sh -c " : "sh -c ";
  std::string const command = as_user + "'exec $(ls -d /usr/lib/postgresql/*/bin | tail -1)/initdb --no-sync -D " +
                              folder.string() + "' >/dev/null 2>&1";
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("initdb");
    state.PauseTiming();
    std::filesystem::remove_all(folder);
    state.ResumeTiming();
  }
}

void CreateProject(benchmark::State& state) {
  Lakebase const lakebase;
  int id = 0;
  for (auto _ : state) lakebase.w.postgres.create_project({}, "p" + std::to_string(id++)).wait();
}

void BranchOf100MB(benchmark::State& state) {
  Lakebase const lakebase;
  lakebase.w.postgres.create_project({}, "p").wait();
  lakebase.query("projects/p/branches/production",
                 "CREATE TABLE big AS SELECT g, repeat('x', 1000) FROM generate_series(1, 95000) g");
  int id = 0;
  for (auto _ : state) {
    auto const branch =
        *lakebase.w.postgres
             .create_branch("projects/p", Branch{.spec = BranchSpec{.ttl = 1h}}, "b" + std::to_string(id++))
             .wait()
             .name;
    state.PauseTiming();
    if (lakebase.query(branch, "SELECT count(*) FROM big") != "95000") throw std::runtime_error("rows are missing");
    lakebase.w.postgres.delete_branch(branch, {.purge = true}).wait();
    state.ResumeTiming();
  }
}

void Copy100MB(benchmark::State& state) {
  auto const folder = std::filesystem::temp_directory_path() / "lakebase_copy";
  std::filesystem::create_directories(folder);
  auto const quoted = folder.string();
  if (std::system(("head -c 104857600 /dev/zero >" + quoted + "/a").c_str()) != 0) throw std::runtime_error("head");
  for (auto _ : state) {
    if (std::system(("cp " + quoted + "/a " + quoted + "/b").c_str()) != 0) throw std::runtime_error("cp");
  }
  std::filesystem::remove_all(folder);
}

void WakeToFirstRow(benchmark::State& state) {
  Lakebase lakebase;
  lakebase.w.postgres.create_project({}, "p").wait();
  for (auto _ : state) {
    state.PauseTiming();
    lakebase.emulator.suspend("projects/p/branches/production/endpoints/primary");
    state.ResumeTiming();
    benchmark::DoNotOptimize(lakebase.query("projects/p/branches/production", "SELECT 1"));
  }
}

void AwakeToFirstRow(benchmark::State& state) {
  Lakebase const lakebase;
  lakebase.w.postgres.create_project({}, "p").wait();
  for (auto _ : state) {
    benchmark::DoNotOptimize(lakebase.query("projects/p/branches/production", "SELECT 1"));
  }
}

BENCHMARK(StartToReady)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(InitdbAlone)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(CreateProject)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(Copy100MB)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(BranchOf100MB)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(AwakeToFirstRow)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(WakeToFirstRow)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(10);

}  // namespace

BENCHMARK_MAIN();
