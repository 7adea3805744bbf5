#include "postgres/branch_contents.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "postgres/role_sql.hpp"

namespace lakebase::emulator {
namespace {

std::set<std::string> names_in(Computes& computes, std::string const& branch_uid, std::string const& query) {
  std::set<std::string> names;
  for (auto const& row : computes.execute(branch_uid, "postgres", {query})) names.insert(row.at(0));
  return names;
}

void forget_absent_databases(Computes& computes, BranchRecord& branch) {
  auto const present = names_in(computes, branch.uid, "SELECT datname FROM pg_catalog.pg_database");
  branch.databases.erase_if([&](DatabaseRecord const& database) {
    return !present.contains(database.postgres_database) || branch.roles.find(database.role_id) == nullptr;
  });
}

}  // namespace

std::set<std::string> roles_in(Computes& computes, std::string const& branch_uid) {
  return names_in(computes, branch_uid, "SELECT rolname FROM pg_catalog.pg_roles");
}

void forget_absent(Computes& computes, BranchRecord& branch) {
  auto const present = roles_in(computes, branch.uid);
  branch.roles.erase_if([&](RoleRecord const& role) { return !present.contains(role.postgres_role); });
  forget_absent_databases(computes, branch);
}

void put_roles_back(Computes& computes, BranchSource const& source, BranchRecord& branch) {
  auto const present = roles_in(computes, branch.uid);
  std::vector<std::string> statements;
  std::map<std::string, std::string> own;  // ids by names of PostgreSQL
  for (auto const& role : branch.roles) {
    own[role.postgres_role] = role.id;
    if (!present.contains(role.postgres_role)) {
      auto const creating = sql_to_create(role);
      statements.insert(statements.end(), creating.begin(), creating.end());
    } else if (!role.password.empty()) {
      statements.push_back(
          fmt::format("ALTER ROLE {} PASSWORD {}", quote_identifier(role.postgres_role), quote_literal(role.password)));
    }
  }
  if (!statements.empty()) computes.execute(branch.uid, "postgres", statements);
  std::map<std::string, std::string> ids;  // of the branch by those of the source
  for (auto const& role : source.roles) {
    if (auto const found = own.find(role.postgres_role); found != own.end()) {
      ids[role.id] = found->second;
    } else if (present.contains(role.postgres_role) && branch.roles.find(role.id) == nullptr) {
      ids[role.id] = role.id;
      branch.roles.push_back(role);
    }
  }
  branch.databases = source.databases;
  branch.databases.change_all([&](DatabaseRecord& database) {
    database.role_id = ids.contains(database.role_id) ? ids.at(database.role_id) : std::string{};
    database.cdf_configs = {};
    database.data_api.reset();
  });
  forget_absent_databases(computes, branch);
}

}  // namespace lakebase::emulator
