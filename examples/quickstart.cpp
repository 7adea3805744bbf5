// Creates a Lakebase project, branches it, resizes the branch's compute, and writes a row that is not in production.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

using namespace lakebase::postgres;
using namespace std::chrono_literals;

// Prints each step with the time it took.
class Steps {
 public:
  void done(std::string const& what) {
    auto const now = std::chrono::steady_clock::now();
    std::printf("%7.3f s  %s\n", std::chrono::duration<double>(now - last_).count(), what.c_str());
    last_ = now;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

int main() try {
  Steps steps;
  lakebase::WorkspaceClient const w;  // environment, then ~/.databrickscfg

  Project const project =
      w.postgres
          .create_project(Project{.spec = ProjectSpec{.display_name = "My Application", .pg_version = 17}}, "my-app")
          .wait();
  steps.done("created project " + lakebase::at(project, &Project::name));

  Branch const branch =
      w.postgres.create_branch("projects/my-app", Branch{.spec = BranchSpec{.ttl = 168h}}, "development")
          .wait({.timeout = 5min});
  steps.done("created branch " + lakebase::at(branch, &Branch::name));

  std::string const name = lakebase::at(branch, &Branch::name) + "/endpoints/primary";
  Endpoint const endpoint =
      w.postgres
          .update_endpoint(
              name, Endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 8.0, .autoscaling_limit_min_cu = 2.0}},
              FieldMask{"spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"})
          .wait();
  steps.done("resized " + name + " to 2-8 CU");

  // Mints a credential, verifies the server's certificate, and waits for the compute if it is suspended.
  lakebase::pq::Connection on_branch = lakebase::pq::connect(lakebase::pq::source_for(w, name));
  steps.done("connected to " + host_of(endpoint) + " with sslmode=verify-full");
  std::printf("           %s\n", on_branch.query_value<std::string>("SELECT version()").c_str());

  on_branch.exec("CREATE TABLE greetings (text text)");
  on_branch.exec("INSERT INTO greetings VALUES ($1)", {"a row that production does not have"});
  std::printf("           %s\n", on_branch.query_value<std::string>("SELECT text FROM greetings").c_str());
  steps.done("wrote and read a row on the branch");

  auto on_production = lakebase::pq::connect(lakebase::pq::source_for(w, "projects/my-app/branches/production"));
  bool const leaked = on_production.query_value<bool>("SELECT to_regclass('greetings') IS NOT NULL");
  steps.done(leaked ? "looked for it on production: THERE" : "looked for it on production: not there");

  w.postgres.delete_project("projects/my-app", {.purge = true}).wait();
  steps.done("deleted the project");
  return leaked ? EXIT_FAILURE : EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "quickstart: %s\n", error.what());
  return EXIT_FAILURE;
}
