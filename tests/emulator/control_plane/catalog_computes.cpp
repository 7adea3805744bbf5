#include "catalog_computes.hpp"

#include <functional>
#include <regex>

namespace lakebase::emulator::tests {
namespace {

using Rows = std::vector<std::vector<std::string>>;

[[noreturn]] void refuse(std::string const& message, std::string const& sqlstate) {
  throw DataPlaneError(message, sqlstate);
}

template <class Map>
typename Map::mapped_type& existing(Map& map, std::string const& name, std::string const& sqlstate) {
  auto const found = map.find(name);
  if (found == map.end()) refuse(name + " does not exist", sqlstate);
  return found->second;
}

void drop_role(BranchCatalog& catalog, std::string const& name) {
  for (auto const& [database, owner] : catalog.databases) {
    if (owner == name) refuse("role " + name + " cannot be dropped because some objects depend on it", "2BP01");
  }
  catalog.roles.erase(name);
}

struct Pattern {
  std::regex pattern;
  std::function<Rows(BranchCatalog&, std::smatch const&)> run;
};

std::vector<Pattern> const& patterns() {
  static std::regex const any{".*"};
  static std::vector<Pattern> const all = {
      {std::regex{R"re(CREATE ROLE "(.*)" (LOGIN.*?)(?: PASSWORD '.*')?)re"},
       [](auto& catalog, auto const& match) {
         if (!catalog.roles.emplace(match[1], BranchCatalog::Role{match[2], false}).second) refuse("exists", "42710");
         return Rows{};
       }},
      {std::regex{R"re(ALTER ROLE "(.*)" (LOGIN.*))re"},
       [](auto& catalog, auto const& match) {
         existing(catalog.roles, match[1], "42704").attributes = match[2];
         return Rows{};
       }},
      {std::regex{R"re((GRANT|REVOKE) databricks_superuser (?:TO|FROM) "(.*)")re"},
       [](auto& catalog, auto const& match) {
         existing(catalog.roles, match[2], "42704").superuser_member = match[1] == "GRANT";
         return Rows{};
       }},
      {std::regex{R"re(DROP ROLE IF EXISTS "(.*)")re"},
       [](auto& catalog, auto const& match) {
         drop_role(catalog, match[1]);
         return Rows{};
       }},
      {std::regex{R"re(CREATE DATABASE "(.*)" OWNER "(.*)")re"},
       [](auto& catalog, auto const& match) {
         existing(catalog.roles, match[2], "42704");
         if (!catalog.databases.emplace(match[1], match[2]).second) refuse("exists", "42P04");
         return Rows{};
       }},
      {std::regex{R"re(DROP DATABASE IF EXISTS "(.*)" WITH \(FORCE\))re"},
       [](auto& catalog, auto const& match) {
         catalog.databases.erase(match[1]);
         return Rows{};
       }},
      {std::regex{R"re(ALTER DATABASE "(.*)" OWNER TO "(.*)")re"},
       [](auto& catalog, auto const& match) {
         existing(catalog.roles, match[2], "42704");
         existing(catalog.databases, match[1], "3D000") = match[2];
         return Rows{};
       }},
      {std::regex{R"re(ALTER DATABASE "(.*)" RENAME TO "(.*)")re"},
       [](auto& catalog, auto const& match) {
         auto const owner = existing(catalog.databases, match[1], "3D000");
         if (!catalog.databases.emplace(match[2], owner).second) refuse("exists", "42P04");
         catalog.databases.erase(match[1]);
         return Rows{};
       }},
      {std::regex{R"re(REASSIGN OWNED BY "(.*)" TO "(.*)")re"},
       [](auto& catalog, auto const& match) {
         for (auto& [database, owner] : catalog.databases) {
           if (owner == match[1]) owner = match[2];
         }
         return Rows{};
       }},
      {std::regex{"SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '(.*)'"},
       [](auto& catalog, auto const& match) { return catalog.roles.contains(match[1]) ? Rows{{"1"}} : Rows{}; }},
      {std::regex{"SELECT 1 FROM pg_catalog.pg_database WHERE datname = '(.*)'"},
       [](auto& catalog, auto const& match) { return catalog.databases.contains(match[1]) ? Rows{{"1"}} : Rows{}; }},
      {std::regex{"SELECT datname .*"}, [](auto&, auto const&) { return Rows{{"postgres"}}; }},
      {std::regex{"SELECT pg_current_wal_lsn.*"}, [](auto&, auto const&) { return Rows{{"0/1"}}; }},
      {any, [](auto&, auto const&) { return Rows{}; }}};
  return all;
}

Rows run_one(BranchCatalog& catalog, std::string const& statement) {
  std::smatch match;
  for (auto const& [pattern, run] : patterns()) {
    if (std::regex_match(statement, match, pattern)) return run(catalog, match);
  }
  return {};
}

// Several statements in one are done all or not at all; those that end in a rollback are not done.
Rows run_together(BranchCatalog& catalog, std::string const& statements) {
  BranchCatalog next = catalog;
  Rows rows;
  std::size_t begin = 0;
  for (;;) {
    auto const end = statements.find("; ", begin);
    rows = run_one(next, statements.substr(begin, end == std::string::npos ? end : end - begin));
    if (end == std::string::npos) break;
    begin = end + 2;
  }
  if (!statements.ends_with("; ROLLBACK")) catalog = std::move(next);
  return rows;
}

}  // namespace

Catalogs CatalogComputes::catalogs() const {
  std::lock_guard const lock{mutex_};
  return catalogs_;
}

std::set<std::string> CatalogComputes::endpoints() const {
  std::lock_guard const lock{mutex_};
  std::set<std::string> uids;
  for (auto const& [uid, branch] : endpoints_) uids.insert(uid);
  return uids;
}

void CatalogComputes::create_branch(std::string const& branch, int, std::vector<std::string> const& statements) {
  std::lock_guard const lock{mutex_};
  BranchCatalog catalog;
  for (auto const& statement : statements) run_together(catalog, statement);
  catalogs_[branch] = std::move(catalog);
}

CopiedMoment CatalogComputes::copy_branch(std::string const& source, std::string const& branch,
                                          std::optional<Moment> const&) {
  std::lock_guard const lock{mutex_};
  catalogs_[branch] = catalogs_.at(source);
  return {"0/1A2B3C", {}};
}

void CatalogComputes::remove_branch(std::string const& branch) {
  std::lock_guard const lock{mutex_};
  catalogs_.erase(branch);
  std::erase_if(endpoints_, [&](auto const& entry) { return entry.second == branch; });
}

Rows CatalogComputes::execute(std::string const& branch, std::string const&,
                              std::vector<std::string> const& statements) {
  std::lock_guard const lock{mutex_};
  auto const found = catalogs_.find(branch);
  if (found == catalogs_.end()) throw DataPlaneError("there is no branch " + branch);
  Rows rows;
  for (auto const& statement : statements) rows = run_together(found->second, statement);
  return rows;
}

std::string CatalogComputes::add_endpoint(std::string const& endpoint, std::string const& branch,
                                          ComputeSettings const&, std::optional<std::string> const&) {
  std::lock_guard const lock{mutex_};
  if (!catalogs_.contains(branch)) throw DataPlaneError("there is no branch " + branch);
  if (!endpoints_.emplace(endpoint, branch).second) throw DataPlaneError("the endpoint exists already");
  return "127.9.0.1";
}

void CatalogComputes::update_endpoint(std::string const& endpoint, ComputeSettings const&) {
  std::lock_guard const lock{mutex_};
  if (!endpoints_.contains(endpoint)) throw DataPlaneError("there is no endpoint " + endpoint);
}

ComputeStatus CatalogComputes::status(std::string const& endpoint) const {
  std::lock_guard const lock{mutex_};
  if (!endpoints_.contains(endpoint)) throw DataPlaneError("there is no endpoint " + endpoint);
  return {};
}

void CatalogComputes::remove_endpoint(std::string const& endpoint) {
  std::lock_guard const lock{mutex_};
  if (endpoints_.erase(endpoint) == 0) throw DataPlaneError("there is no endpoint " + endpoint);
}

}  // namespace lakebase::emulator::tests
