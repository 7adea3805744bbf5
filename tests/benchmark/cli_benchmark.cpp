// What the program `lakebase` costs as a whole process, from its start to its end, in turns with a bare C++ program
// that makes the same call by the library and prints the same; the workspace is a server in the parent. Prints medians:
//
//   lakebase --version                        at most 10 ms
//   lakebase postgres list-projects, of 100   at most 1.5 times the bare program
//
// cli_benchmark [ROUNDS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <lakebase/lakebase.hpp>

#include "benchmark/bodies.hpp"
#include "benchmark/loopback.hpp"

extern char** environ;

namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

/// Milliseconds until the process has ended; what it prints is read by nobody.
double run(Words words) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  auto const start = Clock::now();
  pid_t process = 0;
  int status = ::posix_spawn(&process, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (status != 0 || ::waitpid(process, &status, 0) != process || status != 0) {
    throw std::runtime_error(words[0] + " has failed");
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The bare program.
int list_projects() {
  lakebase::WorkspaceClient const client;
  for (auto const& project : client.postgres.list_projects()) std::puts(lakebase::to_json(project).c_str());
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::string_view{arguments[1]} == "list-projects") return list_projects();
  auto const rounds = static_cast<std::size_t>(count > 1 ? std::atoi(arguments[1]) : 100);
  lakebase::benchmarks::Server const server{{{"/api/2.0/postgres/projects", lakebase::benchmarks::list_body()}}};
  ::setenv("DATABRICKS_HOST", server.host().c_str(), 1);
  ::setenv("DATABRICKS_TOKEN", "t", 1);
  std::vector<double> version;
  std::vector<double> ours;
  std::vector<double> bare;
  for (std::size_t i = 0; i < rounds + 3; ++i) {
    version.push_back(run({LAKEBASE_PROGRAM, "--version"}));
    ours.push_back(run({LAKEBASE_PROGRAM, "postgres", "list-projects", "-o", "json"}));
    bare.push_back(run({"/proc/self/exe", "list-projects"}));
  }
  for (auto* const times : {&version, &ours, &bare}) times->erase(times->begin(), times->begin() + 3);  // warm-up
  std::printf("lakebase --version               %6.2f ms  (at most 10)\n", median(version));
  std::printf("lakebase postgres list-projects  %6.2f ms\n", median(ours));
  std::printf("the same by a bare program       %6.2f ms\n", median(bare));
  std::printf("ratio                            %6.2f     (at most 1.5)\n", median(ours) / median(bare));
}
