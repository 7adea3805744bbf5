#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/random.hpp"
#include "common/time.hpp"
#include "engine/errors.hpp"
#include "engine/records.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind role_kind{"projects/*/branches/*/roles/*", "Role", "role"};

struct RoleRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string postgres_role;
  /// USER, SERVICE_PRINCIPAL, GROUP, or empty for a role of PostgreSQL only.
  std::string identity_type;
  std::string auth_method;
  bool createdb = false;
  bool createrole = false;
  bool bypassrls = false;
  bool databricks_superuser = false;
  /// `databricks_create_role` has made it, and not the API.
  bool made_by_sql = false;
  /// The password that the emulator has made for it; empty: none. A secret.
  std::string password;
  TimePoint create_time;
  TimePoint update_time;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &RoleRecord::sequence);
    field("id", &RoleRecord::id);
    field("postgres_role", &RoleRecord::postgres_role);
    field("identity_type", &RoleRecord::identity_type);
    field("auth_method", &RoleRecord::auth_method);
    field("createdb", &RoleRecord::createdb);
    field("createrole", &RoleRecord::createrole);
    field("bypassrls", &RoleRecord::bypassrls);
    field("databricks_superuser", &RoleRecord::databricks_superuser);
    field("made_by_sql", &RoleRecord::made_by_sql);
    field("password", &RoleRecord::password);
    field("create_time", &RoleRecord::create_time);
    field("update_time", &RoleRecord::update_time);
    field("creating", &RoleRecord::creating);
  }
};

/// Roles of a branch: resources here, and roles in PostgreSQL.
class Roles {
 public:
  static constexpr std::array kinds{&role_kind};

  explicit Roles(Workspace& workspace);
  ~Roles();
  Roles(Roles const&) = delete;
  Roles& operator=(Roles const&) = delete;

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& branch, Query const& query) const;
  Json create(ResourceName const& branch, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name, Call const& call);
  /// `POST <name>/password`
  Json reveal_password(ResourceName const& name) const;
  /// Removes a role from the state; see `ResourceTable::erase`.
  /// @param removal `new_owner` is the id of the role that becomes the owner of its databases; empty: none
  static void erase(State& state, ResourceName const& name, Json const& removal);
  /// Enters a role that is being created. @param role with its id
  Plan plan_create(State& state, ResourceName const& branch, RoleRecord role);
  /// @param wanted the role with other rights
  Plan plan_change(State& state, ResourceName const& name, RoleRecord wanted);
  /// @param new_owner_id the id of the role that gets what it owns; empty: it must own nothing
  Plan plan_remove(State& state, ResourceName const& name, std::string const& new_owner_id);
  /// Those that SQL makes.
  SqlRoles& sql_roles() const { return *sql_roles_; }

 private:
  Json view(ProjectRecord const& project, BranchRecord const& branch, RoleRecord const& role) const;
  Json show(State const& state, ResourceName const& name) const;
  ResourceName const& known(ResourceName const& name) const;
  void drop(std::string const& branch_uid, std::string const& role, std::string const& new_owner);
  void rehearse_disowning(std::string const& branch_uid, std::string const& role, std::string const& new_owner);
  std::vector<std::string> databases_of(std::string const& branch_uid) const;

  Workspace& workspace_;
  std::unique_ptr<SqlRoles> const sql_roles_;
};

/// The role that a spec describes. @param message the spec; or `initial_role_spec` of a new project
RoleRecord role_from_spec(WorkspaceOptions const& options, Fields const& message, std::string const& default_name);
/// Whether the emulator makes the role's password: it logs in with one.
bool has_own_password(RoleRecord const& role);
/// A new password, if it is a role that has one.
void give_password(RoleRecord& role);
/// The caller's own role: a databricks_superuser with all attributes.
RoleRecord role_of_caller(Identity const& caller);
/// The id that the service gives to a role that it creates itself.
std::string id_for_role(RoleRecord const& role, RandomBytes const& random);

/// The same, but one that the branch does not have yet.
std::string free_id_for_role(BranchRecord const& branch, RoleRecord const& role, RandomBytes const& random);

/// @throws ServiceError if the branch has a role of that id or name, or if PostgreSQL or the service keeps the name
void require_free(BranchRecord const& branch, RoleRecord const& role);

/// Enters a role that is being created into the state. @throws ServiceError if its name is taken, or by the quota
void enter_new(State& state, BranchRecord& branch, RoleRecord& role, Limits const& limits);

ServiceError role_not_found(std::string_view role_id);

}  // namespace lakebase::emulator
