// Gives a test run a database of its own: a branch with all of production's data, gone when the run is over. If
// the run dies before it can delete it, the service does so after a day.
//
//   branch_for_a_test [PROJECT]         default: projects/my-app

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

using namespace lakebase::postgres;
using namespace std::chrono_literals;

int main(int argc, char** argv) try {
  lakebase::WorkspaceClient const w;
  lakebase::pq::EphemeralBranch const branch{w, argc > 1 ? argv[1] : "projects/my-app", "test-run-1", {.ttl = 24h}};

  Branch const made = w.postgres.get_branch(branch.name());
  std::printf("%s is ready at %s and expires at %s\n", branch.name().c_str(), branch.source().parameters.host.c_str(),
              lakebase::at(made, &Branch::status, &BranchStatus::expire_time).to_string().c_str());
  // For tests in any language; it is secret, and good for logins for an hour.
  ::setenv("DATABASE_URL", branch.url_with_token().c_str(), 1);
  // … run the tests here …
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "branch_for_a_test: %s\n", error.what());
  return EXIT_FAILURE;
}
