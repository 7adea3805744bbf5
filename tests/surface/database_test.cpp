// What w.database has, to be held against its manifest by the tests of this folder; see postgres_test.cpp.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/database_client.hpp>

#include "database/models.def"
#include "database/requests.hpp"
#include "surface/client_methods.hpp"
#include "surface/client_models.hpp"
#include "surface/service.hpp"

// A namespace of its own, for the services have types of the same names.
namespace lakebase::tests::of_database {
namespace {

using namespace database;

// The name of an instance, distinct by the parameter: not any text can be one.
std::string instance(std::string_view parameter) {
  auto name = "a-" + std::string{parameter};
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// Every member is set, but such as no instance can be created with.
DatabaseInstance valid_instance() {
  auto filled_instance = filled<DatabaseInstance>();
  filled_instance.name = instance("name");
  filled_instance.parent_instance_ref->lsn.reset();
  return filled_instance;
}

nlohmann::ordered_json argument_of(nlohmann::ordered_json const& method, std::string const& parameter) {
  auto const path = method.at("path").get<std::string>();
  bool const is_in_path = path.find("/instances/{" + parameter + "}") != std::string::npos;
  if (is_in_path || parameter == "failover_target_database_instance_name") return instance(parameter);
  if (parameter == "instance_names") return nlohmann::ordered_json::array({instance(parameter)});
  return nullptr;
}

#define METHOD_WITH_OPTIONS(name, full, minimal) LAKEBASE_METHOD_WITH_OPTIONS(DatabaseClient, name, full, minimal)
#define METHOD(name, arguments) METHOD_WITH_OPTIONS(name, arguments, arguments)

// clang-format off
std::vector<Method> methods_of_database() {
  return {
      METHOD(create_database_catalog, (filled<DatabaseCatalog>())),
      METHOD(create_database_instance, (valid_instance())),
      METHOD_WITH_OPTIONS(create_database_instance_role, (instance("instance_name"), filled<DatabaseInstanceRole>(), {.database_instance_name = text("database_instance_name")}), (instance("instance_name"), filled<DatabaseInstanceRole>())),
      METHOD(create_database_table, (filled<DatabaseTable>())),
      METHOD(create_synced_database_table, (filled<SyncedDatabaseTable>())),
      METHOD(delete_database_catalog, (text("name"))),
      METHOD_WITH_OPTIONS(delete_database_instance, (instance("name"), {.force = flag("force"), .purge = flag("purge")}), (instance("name"))),
      METHOD_WITH_OPTIONS(delete_database_instance_role, (instance("instance_name"), text("name"), {.allow_missing = flag("allow_missing"), .reassign_owned_to = text("reassign_owned_to")}), (instance("instance_name"), text("name"))),
      METHOD(delete_database_table, (text("name"))),
      METHOD_WITH_OPTIONS(delete_synced_database_table, (text("name"), {.purge_data = flag("purge_data")}), (text("name"))),
      METHOD_WITH_OPTIONS(failover_database_instance, (instance("name"), {.failover_target_database_instance_name = instance("failover_target_database_instance_name")}), (instance("name"))),
      METHOD_WITH_OPTIONS(find_database_instance_by_uid, ({.uid = text("uid")}), ()),
      METHOD_WITH_OPTIONS(generate_database_credential, ({.claims = {filled<RequestedClaims>()}, .instance_names = {instance("instance_names")}, .request_id = text("request_id")}), ({.instance_names = {instance("instance_names")}})),
      METHOD(get_database_catalog, (text("name"))),
      METHOD(get_database_instance, (instance("name"))),
      METHOD(get_database_instance_role, (instance("instance_name"), text("name"))),
      METHOD(get_database_table, (text("name"))),
      METHOD(get_synced_database_table, (text("name"))),
      METHOD_WITH_OPTIONS(list_database_catalogs, (instance("instance_name"), {.page_size = number("page_size"), .page_token = text("page_token")}), (instance("instance_name"))),
      METHOD_WITH_OPTIONS(list_database_instance_roles, (instance("instance_name"), {.page_size = number("page_size"), .page_token = text("page_token")}), (instance("instance_name"))),
      METHOD_WITH_OPTIONS(list_database_instances, ({.page_size = number("page_size"), .page_token = text("page_token")}), ()),
      METHOD_WITH_OPTIONS(list_synced_database_tables, (instance("instance_name"), {.page_size = number("page_size"), .page_token = text("page_token")}), (instance("instance_name"))),
      METHOD(update_database_catalog, (text("name"), filled<DatabaseCatalog>(), text("update_mask"))),
      METHOD(update_database_instance, (instance("name"), valid_instance(), text("update_mask"))),
      METHOD_WITH_OPTIONS(update_database_instance_role, (instance("instance_name"), text("name"), filled<DatabaseInstanceRole>(), {.database_instance_name = text("database_instance_name")}), (instance("instance_name"), text("name"), filled<DatabaseInstanceRole>())),
      METHOD(update_synced_database_table, (text("name"), filled<SyncedDatabaseTable>(), text("update_mask"))),
      METHOD(upgrade_instance_to_autoscaling, (instance("name"))),
  };
}
// clang-format on

std::vector<Model> models_of_database() {
  std::vector<Model> models{
#define LAKEBASE_MODEL(Name) model_of<database::Name>(),
      LAKEBASE_DATABASE_MODELS(LAKEBASE_MODEL)
#undef LAKEBASE_MODEL
  };
  for (auto& model : models) {
    if (model.name != "DatabaseInstance") continue;
    model.filled = [] { return nlohmann::ordered_json::parse(to_json(valid_instance())); };
  }
  return models;
}

#define LAKEBASE_CHECK_REQUEST_ARITY(Request)                                          \
  static_assert(member_count<detail::Request>() == described_count<detail::Request>(), \
                #Request "::describe does not list as many members as the struct has");
LAKEBASE_DATABASE_REQUESTS(LAKEBASE_CHECK_REQUEST_ARITY)

LAKEBASE_CHECK_WRAPPER(DatabaseClient, CreateDatabaseInstanceOperation, create_database_instance);

AddedService const database_service{
    "database", [] {
      return Service{.name = "database",
                     .manifest = read_manifest("database"),
                     .methods = methods_of_database(),
                     .models = models_of_database(),
                     .polled_by_name = {"create_database_instance"},
                     // It makes a new password each time and does not mind. See docs/adr/0002-retries-of-writes.md.
                     .safe_writes = {"generate_database_credential"},
                     .paths_have_segments = true,
                     .argument = argument_of,
                     .needed_options = {{"generate_database_credential", "instance_names"}}};
    }};

#undef METHOD
#undef METHOD_WITH_OPTIONS
#undef LAKEBASE_CHECK_REQUEST_ARITY

}  // namespace
}  // namespace lakebase::tests::of_database
