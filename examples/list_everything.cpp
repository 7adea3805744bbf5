// Prints every project of the workspace with its branches, computes, databases and roles.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>

namespace {

void print(int depth, std::string const& kind, std::string const& name, std::string_view note = {}) {
  std::printf("%*s%s %s%s%.*s\n", 2 * depth, "", kind.c_str(), name.c_str(), note.empty() ? "" : "  ",
              static_cast<int>(note.size()), note.data());
}

void print_branch(lakebase::PostgresClient const& postgres, lakebase::postgres::Branch const& branch) {
  print(1, "branch", *branch.name, branch.status->current_state->wire());
  for (auto const& endpoint : postgres.list_endpoints(*branch.name)) {
    print(2, "endpoint", *endpoint.endpoint_id, endpoint.status->current_state->wire());
  }
  for (auto const& database : postgres.list_databases(*branch.name)) {
    print(2, "database", *database.database_id, *database.status->postgres_database);
  }
  for (auto const& role : postgres.list_roles(*branch.name)) {
    print(2, "role", *role.role_id, *role.status->postgres_role);
  }
}

}  // namespace

int main() try {
  lakebase::PostgresClient const postgres;
  // Pages are fetched as the loops reach them; no list is ever held whole.
  for (auto const& project : postgres.list_projects()) {
    print(0, "project", *project.name, *project.status->display_name);
    for (auto const& branch : postgres.list_branches(*project.name)) print_branch(postgres, branch);
  }
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "list_everything: %s\n", error.what());
  return EXIT_FAILURE;
}
