#include "postgres/role.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "common/random.hpp"
#include "common/sql_quoting.hpp"
#include "engine/paging.hpp"
#include "engine/update_mask.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/data_plane_recovery.hpp"
#include "postgres/identities.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/role_sql.hpp"
#include "postgres/sql_roles.hpp"
#include "postgres/update.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::string_view dependent_objects = "2BP01";

MaskRules const& role_mask() {
  using enum MaskPath::Kind;
  static MaskRules const instance{{{"spec.attributes.createdb", value, {}, true},
                                   {"spec.attributes.createrole", value, {}, true},
                                   {"spec.attributes.bypassrls", value, {}, true},
                                   {"spec.membership_roles", list, {}, true}},
                                  {{"spec.attributes"}}};
  return instance;
}

bool is_superuser_member(Fields const& spec) {
  bool member = false;
  for (auto const& role : spec.text_list("membership_roles")) {
    if (role != "DATABRICKS_SUPERUSER") {
      throw invalid(fmt::format("Field '{}' can only hold DATABRICKS_SUPERUSER, got '{}'.",
                                spec.path_of("membership_roles"), role));
    }
    member = true;
  }
  return member;
}

void apply(Fields const& spec, Touched const& touched, RoleRecord& role) {
  auto const attributes = spec.message("attributes");
  auto const set = [&](std::string_view name, bool& attribute) {
    if (touched.contains(fmt::format("spec.attributes.{}", name))) attribute = attributes.flag(name).value_or(false);
  };
  set("createdb", role.createdb);
  set("createrole", role.createrole);
  set("bypassrls", role.bypassrls);
  if (touched.contains("spec.membership_roles")) role.databricks_superuser = is_superuser_member(spec);
}

// What is not in the spec, the role does not have.
void read_rights(Fields const& spec, RoleRecord& role) {
  auto const attributes = spec.message("attributes");
  role.createdb = attributes.flag("createdb").value_or(false);
  role.createrole = attributes.flag("createrole").value_or(false);
  role.bypassrls = attributes.flag("bypassrls").value_or(false);
  role.databricks_superuser = is_superuser_member(spec);
}

std::string identity_type_in(Fields const& spec) {
  auto type = spec.choice("identity_type", {"USER", "SERVICE_PRINCIPAL", "GROUP", "IDENTITY_TYPE_UNSPECIFIED"});
  return type == "IDENTITY_TYPE_UNSPECIFIED" ? std::string{} : type;
}

std::string auth_method_in(Fields const& spec) {
  return spec.choice("auth_method", {"LAKEBASE_OAUTH_V1", "PG_PASSWORD_SCRAM_SHA_256", "NO_LOGIN"});
}

// Takes over all of the new spec except what cannot be changed, of which only the form is looked at.
RoleRecord replaced_by(Fields const& spec, RoleRecord role) {
  spec.identifier("postgres_role", role.postgres_role);
  identity_type_in(spec);
  auth_method_in(spec);
  read_rights(spec, role);
  return role;
}

std::string auth_method_for(std::string const& asked, std::string const& identity_type, Fields const& spec) {
  if (asked.empty()) return identity_type.empty() ? "PG_PASSWORD_SCRAM_SHA_256" : "LAKEBASE_OAUTH_V1";
  if (asked == "LAKEBASE_OAUTH_V1" && identity_type.empty()) {
    throw invalid(fmt::format("Field '{}' is LAKEBASE_OAUTH_V1, which needs '{}'.", spec.path_of("auth_method"),
                              spec.path_of("identity_type")));
  }
  return asked;
}

bool is_taken(BranchRecord const& branch, RoleRecord const& role) {
  // Names that PostgreSQL or the service reserve; not listed as resources.
  for (auto const reserved : {"cloud_admin", "databricks_superuser", "postgres", "public", "none"}) {
    if (role.postgres_role == reserved) return true;
  }
  return std::any_of(branch.roles.begin(), branch.roles.end(), [&](RoleRecord const& other) {
    return other.id == role.id || other.postgres_role == role.postgres_role;
  });
}

template <class AnyState>
auto& live_role(AnyState& state, ResourceName const& name) {
  auto* const role = live_branch(state, name).roles.find(name.id());
  if (role == nullptr) throw role_not_found(name.id());
  return *role;
}

Json attributes_json(RoleRecord const& role) {
  return Json{{"createdb", role.createdb}, {"createrole", role.createrole}, {"bypassrls", role.bypassrls}};
}

void put_role_settings(Json& json, RoleRecord const& role) {
  json["postgres_role"] = role.postgres_role;
  json["identity_type"] = role.identity_type.empty() ? "IDENTITY_TYPE_UNSPECIFIED" : role.identity_type;
  json["auth_method"] = role.auth_method;
  json["attributes"] = attributes_json(role);
  if (role.databricks_superuser) json["membership_roles"] = Json::array({"DATABRICKS_SUPERUSER"});
}

}  // namespace

ServiceError role_not_found(std::string_view role_id) {
  return not_found(fmt::format("role not found; role_id:\"{}\"", role_id));
}

RoleRecord role_from_spec(WorkspaceOptions const& options, Fields const& spec, std::string const& default_name) {
  RoleRecord role;
  role.postgres_role = spec.identifier("postgres_role", default_name);
  role.identity_type = identity_type_in(spec);
  role.auth_method = auth_method_for(auth_method_in(spec), role.identity_type, spec);
  if (!role.identity_type.empty() && !identity_exists(options, role.identity_type, role.postgres_role)) {
    throw ServiceError{404, "NOT_FOUND", fmt::format("Identity '{}' not found", role.postgres_role)};
  }
  read_rights(spec, role);
  return role;
}

bool has_own_password(RoleRecord const& role) {
  return role.auth_method == "PG_PASSWORD_SCRAM_SHA_256";
}

// Not from the source of ids, which a seed may determine.
void give_password(RoleRecord& role) {
  if (has_own_password(role)) role.password = random_hex(48);
}

RoleRecord role_of_caller(Identity const& caller) {
  RoleRecord role;
  role.postgres_role = caller.name;
  role.identity_type = caller.type == Identity::Type::user ? "USER" : "SERVICE_PRINCIPAL";
  role.auth_method = "LAKEBASE_OAUTH_V1";
  role.createdb = role.createrole = role.bypassrls = role.databricks_superuser = true;
  return role;
}

std::string id_for_role(RoleRecord const& role, RandomBytes const& random) {
  if (role.identity_type == "SERVICE_PRINCIPAL") return make_id("sp-" + role.postgres_role, "role", random);
  return make_id(role.postgres_role.substr(0, role.postgres_role.find('@')), "role", random);
}

std::string free_id_for_role(BranchRecord const& branch, RoleRecord const& role, RandomBytes const& random) {
  auto const id = id_for_role(role, random);
  auto free = id;
  for (int number = 2; branch.roles.find(free) != nullptr; ++number) free = fmt::format("{}-{}", id, number);
  return free;
}

void require_free(BranchRecord const& branch, RoleRecord const& role) {
  if (is_taken(branch, role)) throw bad_request("role with that name already exists");
}

void enter_new(State& state, BranchRecord& branch, RoleRecord& role, Limits const& limits) {
  require_free(branch, role);
  require_room(limits.roles, branch.roles.size(), {.whose = "A branch", .what = "roles", .limit = "roles"});
  role.sequence = next_sequence(state);
  role.creating = true;
  branch.roles.push_back(role);
}

Roles::Roles(Workspace& workspace) : workspace_(workspace), sql_roles_(std::make_unique<SqlRoles>(workspace)) {}
Roles::~Roles() = default;

void Roles::routes(Router& router) {
  auto const in_step = [this](ResourceName const& branch) -> ResourceName const& {
    sql_roles_->look(branch);
    return branch;
  };
  ResourceRoutes{router, role_kind}
      .list([this, in_step](ResourceName const& branch, Call const& call) { return list(in_step(branch), call.query); })
      .create([this, in_step](ResourceName const& branch, Call const& call) { return create(in_step(branch), call); })
      .get([this](ResourceName const& name, Call const&) { return get(known(name)); })
      .update([this](ResourceName const& name, Call const& call) { return update(known(name), call); })
      .remove([this](ResourceName const& name, Call const& call) { return remove(known(name), call); })
      .verb("password", [this](ResourceName const& name, Call const&) { return reveal_password(known(name)); });
}

// Looks for what is not known: SQL may have made it.
ResourceName const& Roles::known(ResourceName const& name) const {
  bool const is_known =
      workspace_.read([&](State const& state) { return live_branch(state, name).roles.find(name.id()) != nullptr; });
  if (!is_known) sql_roles_->look(name.parent());
  return name;
}

Json Roles::view(ProjectRecord const& project, BranchRecord const& branch, RoleRecord const& role) const {
  Json json{{"name", branch_name(project.id, branch.id).text() + "/roles/" + role.id},
            {"role_id", role.id},
            {"parent", branch_name(project.id, branch.id).text()},
            {"create_time", to_text(role.create_time)},
            {"update_time", to_text(role.update_time)}};
  if (workspace_.options().echo_spec) put_role_settings(json["spec"], role);
  json["status"]["role_id"] = role.id;
  put_role_settings(json["status"], role);
  return json;
}

Json Roles::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Roles::show(State const& state, ResourceName const& name) const {
  return view(live_project(state, name.project()), live_branch(state, name), live_role(state, name));
}

Json Roles::list(ResourceName const& parent, Query const& query) const {
  Page page{query, workspace_.mint(), parent.text() + "/roles"};
  auto const [project, branch] = workspace_.read([&](State const& state) {
    return std::pair{live_project(state, parent.project()), live_branch(state, parent)};
  });
  Json items = Json::array();
  for (auto const& role : page.take(branch.roles)) items.push_back(view(project, branch, role));
  return page.response("roles", std::move(items));
}

Json Roles::create(ResourceName const& branch, Call const& call) {
  std::string id = call.query.text("role_id");
  if (id.empty()) id = "role-" + random_hex(8, workspace_.random());
  check_id(role_kind, id);
  bool const replace = call.query.flag("replace_existing");
  auto const body = call.fields();
  return workspace_.accept([&](State& state) {
    auto& parent = live_branch(state, branch);
    auto const* const existing = parent.roles.find(id);
    if (!body.has("spec")) throw required_message("role");
    auto const spec = body.message("spec");
    if (existing != nullptr && replace) {
      return plan_change(state, branch.child(role_kind, id), replaced_by(spec, *existing));
    }
    RoleRecord role = role_from_spec(workspace_.options(), spec, id);
    role.id = id;
    return plan_create(state, branch, std::move(role));
  });
}

Plan Roles::plan_create(State& state, ResourceName const& branch, RoleRecord role) {
  auto& parent = live_branch(state, branch);
  role.create_time = role.update_time = workspace_.now();
  give_password(role);
  enter_new(state, parent, role, workspace_.limits());
  auto const name = branch.child(role_kind, role.id);
  auto plan = plan_for(state, name);
  plan.check = [this, uid = parent.uid, role] {
    if (workspace_.computes().execute(uid, "postgres", {sql_to_find_role(role.postgres_role)}).empty()) return;
    throw DataPlaneError(fmt::format("role {} already exists", quote_identifier(role.postgres_role)), "42710");
  };
  plan.run = [this, uid = parent.uid, role] {
    workspace_.computes().execute(uid, "postgres", {as_one(sql_to_create(role))});
  };
  plan.is_one_statement = true;
  plan.cleanups = {
      statements_in_branch(parent.uid, {fmt::format("DROP ROLE IF EXISTS {}", quote_identifier(role.postgres_role))})};
  plan.commit = [name](State& now) { live_role(now, name).creating = false; };
  plan.rollback = [name](State& now) { live_branch(now, name).roles.erase(name.id()); };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

Json Roles::update(ResourceName const& name, Call const& call) {
  auto const body = call.fields();
  return workspace_.accept([&](State& state) {
    RoleRecord wanted = live_role(state, name);
    apply(body.message("spec"), touched_by_update(workspace_, call, role_mask()), wanted);
    return plan_change(state, name, std::move(wanted));
  });
}

Plan Roles::plan_change(State& state, ResourceName const& name, RoleRecord wanted) {
  auto plan = plan_for(state, name);
  auto const& uid = live_branch(state, name).uid;
  plan.run = [this, uid, wanted] { workspace_.computes().execute(uid, "postgres", {as_one(sql_to_alter(wanted))}); };
  plan.is_one_statement = true;
  plan.cleanups = {statements_in_branch(uid, {as_one(sql_to_alter(live_role(state, name)))})};
  plan.commit = [this, name, wanted](State& now) {
    auto& role = live_role(now, name);
    role = wanted;
    role.update_time = workspace_.now();
  };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

Json Roles::reveal_password(ResourceName const& name) const {
  auto const state = workspace_.state();
  auto const& role = live_role(*state, name);
  if (!has_own_password(role)) {
    throw bad_request(
        fmt::format("Role '{}' has no password to reveal: its auth_method is {}, not "
                    "PG_PASSWORD_SCRAM_SHA_256.",
                    name.text(), role.auth_method));
  }
  // Of a verifier, as PostgreSQL keeps it, nobody can tell the password.
  bool const is_current =
      !role.password.empty() &&
      workspace_.computes().has_password(live_branch(*state, name).uid, role.postgres_role, role.password);
  if (!is_current) {
    throw bad_request(
        fmt::format("The password of role '{}' was set by SQL, or by an earlier release of the emulator, "
                    "and is stored as a verifier only, so that it cannot be revealed. Set a new one: "
                    "ALTER ROLE {} PASSWORD '...'",
                    name.text(), quote_identifier(role.postgres_role)));
  }
  return Json{{"password", role.password}};
}

void Roles::erase(State& state, ResourceName const& name, Json const& removal) {
  auto* const branch = find_branch(state, name);
  if (branch == nullptr) return;
  branch->roles.erase(name.id());
  auto const new_owner = removal.at("new_owner").get<std::string>();
  if (new_owner.empty()) return;
  branch->databases.change_if([&](DatabaseRecord const& database) { return database.role_id == name.id(); },
                              [&](DatabaseRecord& database) { database.role_id = new_owner; });
}

Json Roles::remove(ResourceName const& name, Call const& call) {
  return workspace_.accept([&](State& state) {
    live_role(state, name);
    auto const target = call.query.text("reassign_owned_to");
    if (target.empty()) return plan_remove(state, name, {});
    auto const target_name = parse_name(target);
    bool const is_role = target_name && target_name->is(role_kind);
    auto const new_owner_id = is_role ? target_name->id() : target;
    if (!is_role || target_name->project() != name.project() || target_name->branch() != name.branch()) {
      throw role_not_found(new_owner_id);
    }
    return plan_remove(state, name, new_owner_id);
  });
}

Plan Roles::plan_remove(State& state, ResourceName const& name, std::string const& new_owner_id) {
  auto const& branch = live_branch(state, name);
  auto const role = live_role(state, name);
  std::string new_owner;
  if (!new_owner_id.empty()) {
    new_owner = live_role(state, name.parent().child(role_kind, new_owner_id)).postgres_role;
    if (new_owner_id == name.id()) throw invalid("Field 'reassign_owned_to' must name another role.");
  }
  auto plan = plan_for(state, name);
  // No transaction spans databases. What PostgreSQL would refuse in one of them is found before anything changes.
  // What remains possible is that some databases are done and others are not: if the server breaks down in between,
  // or if somebody changes what the role owns after the rehearsal. Then the role stays, and a repetition does the
  // rest.
  if (!new_owner.empty()) {
    plan.check = [this, uid = branch.uid, role, new_owner] { rehearse_disowning(uid, role.postgres_role, new_owner); };
  }
  plan.run = [this, uid = branch.uid, role, new_owner] { drop(uid, role.postgres_role, new_owner); };
  plan.removal = removal_seen_by(sql_to_find_role(role.postgres_role));
  plan.removal["new_owner"] = new_owner_id;
  plan.commit = [name, removal = plan.removal](State& now) { erase(now, name, removal); };
  if (!new_owner.empty()) plan.cleanups = {statements_in_branch(branch.uid, sql_to_own(branch, role))};
  return plan;
}

void Roles::drop(std::string const& branch_uid, std::string const& role, std::string const& new_owner) {
  auto& computes = workspace_.computes();
  if (!new_owner.empty()) {
    for (auto const& database : databases_of(branch_uid)) {
      computes.execute(branch_uid, database, {as_one(sql_to_disown(role, new_owner))});
    }
  }
  try {
    computes.execute(branch_uid, "postgres", {fmt::format("DROP ROLE IF EXISTS {}", quote_identifier(role))});
  } catch (DataPlaneError const& error) {
    if (error.sqlstate() != dependent_objects || !new_owner.empty()) throw;
    throw DataPlaneError(fmt::format("{}; 'reassign_owned_to' can name the role that gets them", error.what()),
                         error.sqlstate());
  }
}

// Throws what PostgreSQL refuses, and changes nothing.
void Roles::rehearse_disowning(std::string const& branch_uid, std::string const& role, std::string const& new_owner) {
  auto statements = sql_to_disown(role, new_owner);
  statements.insert(statements.begin(), "BEGIN");
  statements.emplace_back("ROLLBACK");
  for (auto const& database : databases_of(branch_uid)) {
    workspace_.computes().execute(branch_uid, database, {as_one(statements)});
  }
}

// Those in which a role can own something: templates, too.
std::vector<std::string> Roles::databases_of(std::string const& branch_uid) const {
  auto const rows = workspace_.computes().execute(
      branch_uid, "postgres", {"SELECT datname FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname"});
  std::vector<std::string> names;
  for (auto const& row : rows) names.push_back(row.at(0));
  return names;
}

}  // namespace lakebase::emulator
