// Prints every project of the workspace with its branches, computes, databases and roles.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>

using lakebase::at;
using namespace lakebase::postgres;

namespace {

void print(int depth, std::string const& kind, std::string const& name, std::string_view note = {}) {
  std::printf("%*s%s %s%s%.*s\n", 2 * depth, "", kind.c_str(), name.c_str(), note.empty() ? "" : "  ",
              static_cast<int>(note.size()), note.data());
}

void print_branch(lakebase::PostgresClient const& postgres, Branch const& branch) {
  std::string const& name = at(branch, &Branch::name);
  print(1, "branch", name, at(branch, &Branch::status, &BranchStatus::current_state).wire());
  for (auto const& endpoint : postgres.list_endpoints(name)) {
    print(2, "endpoint", at(endpoint, &Endpoint::endpoint_id),
          at(endpoint, &Endpoint::status, &EndpointStatus::current_state).wire());
  }
  for (auto const& database : postgres.list_databases(name)) {
    print(2, "database", at(database, &Database::database_id),
          at(database, &Database::status, &DatabaseDatabaseStatus::postgres_database));
  }
  for (auto const& role : postgres.list_roles(name)) {
    print(2, "role", at(role, &Role::role_id), at(role, &Role::status, &RoleRoleStatus::postgres_role));
  }
}

}  // namespace

int main() try {
  lakebase::PostgresClient const postgres;
  // Pages are fetched as the loops reach them; no list is ever held whole.
  for (auto const& project : postgres.list_projects()) {
    print(0, "project", at(project, &Project::name), at(project, &Project::status, &ProjectStatus::display_name));
    for (auto const& branch : postgres.list_branches(at(project, &Project::name))) print_branch(postgres, branch);
  }
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "list_everything: %s\n", error.what());
  return EXIT_FAILURE;
}
