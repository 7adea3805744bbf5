// Tests a schema change in CI: on a branch named after the git ref, with all of production's data, gone when the
// job is over. Prints what the change does to the schema.
//
//   schema_change_in_ci [PROJECT [GIT_REF [SQL]]]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

using namespace std::chrono_literals;

int main(int count, char** arguments) try {
  std::string const project = count > 1 ? arguments[1] : "projects/my-app";
  std::string const git_ref = count > 2 ? arguments[2] : "refs/heads/feature/orders";
  std::string const sql = count > 3 ? arguments[3] : "CREATE TABLE orders (id bigint PRIMARY KEY, note text)";
  std::string const production = project + "/branches/production";
  lakebase::WorkspaceClient const w;

  // Accepts connections once it is made. Should the job be killed, the ttl removes it.
  lakebase::pq::EphemeralBranch const branch{w, project, git_ref, {.ttl = 1h, .source_branch = production}};
  auto changed = branch.connect();
  changed.exec(sql);

  auto unchanged = lakebase::pq::connect(lakebase::pq::source_for(w, production));
  std::printf("%s\n%s", branch.name().c_str(), diff_schemas(unchanged, changed).to_string().c_str());
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "schema_change_in_ci: %s\n", error.what());
  return EXIT_FAILURE;
}
