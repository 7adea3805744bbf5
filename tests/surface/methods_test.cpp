// Every method of the manifest is in the code, with the same verb, path, query names, body, arguments and results. Each
// is called with distinct arguments over a scripted transport, and what it sends is compared with what the manifest
// says, expanded with the same arguments. (That the client has no methods beyond these is for compare_surface_test.py
// to tell, which reads the headers: C++ cannot list them.)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

#include "postgres/models.def"
#include "support/client_over.hpp"
#include "support/is_request.hpp"
#include "surface/arity.hpp"
#include "surface/fill.hpp"
#include "surface/manifest.hpp"
#include "surface/methods.hpp"
#include "surface/words.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using nlohmann::ordered_json;

// Arguments, distinct by the name of the parameter.
std::string text(std::string_view parameter) {
  return "a/" + std::string{parameter};
}
std::int64_t number(std::string_view parameter) {
  std::uint64_t hash = 0;
  for (char const c : parameter) hash = hash * 31 + static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(hash >> 1U);
}
bool flag(std::string_view parameter) {
  return parameter < "m";
}
FieldMask mask() {
  return {"spec.mask_1", "spec.mask_2"};
}

std::string encoded(std::string_view text, bool keep_slashes = false) {
  std::string result;
  for (char const c : text) result += c == '/' && !keep_slashes ? "%2F" : c == ',' ? "%2C" : std::string{c};
  return result;
}

struct Parameter {
  std::string name;
  std::string type;
};

// What the compiler knows of a method.
struct Signature {
  std::string returns;
  std::vector<std::string> positional;
  // Of the options aggregate; empty where there is none.
  std::string options;
  std::vector<std::string> option_types;
};

// What one call did.
struct Call {
  std::vector<HttpRequest> requests;
  std::size_t items = 0;
};

struct Method {
  std::string name;
  Signature signature;
  // The arguments as they are written below, to know their names and their order.
  std::string full_text;
  std::function<std::size_t(PostgresClient const&)> full;
  std::function<std::size_t(PostgresClient const&)> minimal;
  // As `minimal`, and to the end; see settled_call.
  std::function<std::string(PostgresClient const&)> settled;
};

template <std::size_t Count, class T, class Visit>
void visit_members(T const& value, Visit visit) {
  if constexpr (Count == 1) {
    auto const& [a] = value;
    visit(a);
  } else if constexpr (Count == 2) {
    auto const& [a, b] = value;
    visit(a), visit(b);
  } else if constexpr (Count == 3) {
    auto const& [a, b, c] = value;
    visit(a), visit(b), visit(c);
  } else if constexpr (Count == 4) {
    auto const& [a, b, c, d] = value;
    visit(a), visit(b), visit(c), visit(d);
  } else {
    static_assert(Count == 0, "an options aggregate of more members than this test knows");
  }
}

template <class T>
void add_parameter(Signature& signature) {
  using Plain = std::remove_cvref_t<T>;
  if (type_name<Plain>().ends_with("Options")) {
    signature.options = type_name<Plain>();
    if constexpr (std::is_aggregate_v<Plain> && !detail::Described<Plain>) {
      visit_members<member_count<Plain>()>(Plain{}, [&](auto const& member) {
        signature.option_types.push_back(WordOf<std::remove_cvref_t<decltype(member)>>::get().type);
      });
    }
  } else {
    signature.positional.push_back(WordOf<Plain>::get().type);
  }
}

template <class Result, class... Parameters>
Signature signature_of(Result (PostgresClient::*)(Parameters...) const) {
  Signature signature;
  signature.returns = WordOf<Result>::get().type;
  (add_parameter<Parameters>(signature), ...);
  return signature;
}

// Calls, walks a list to its end, and tells how many items it had.
template <class F>
std::size_t run(F&& call) {
  using Result = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<Result>) {
    call();
    return 0;
  } else {
    auto const result = call();
    std::size_t items = 0;
    if constexpr (requires { result.pages(); }) {
      for ([[maybe_unused]] auto const& item : result) ++items;
    }
    return items;
  }
}

// Calls, waits or walks to the end, and gives the JSON of what it gets.
template <class F>
std::string settle(F&& call) {
  using Result = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<Result>) {
    call();
    return {};
  } else if constexpr (requires(Result result) { result.wait(); }) {
    return settle([operation = call()] { return operation.wait(); });
  } else if constexpr (requires(Result result) { result.pages(); }) {
    auto items = ordered_json::array();
    for (auto const& item : call()) items.push_back(ordered_json::parse(to_json(item)));
    return items.dump();
  } else {
    return to_json(call());
  }
}

#define METHOD_WITH_OPTIONS(name, full, minimal)                                               \
  Method {                                                                                     \
#name, signature_of(&PostgresClient::name), #full,                                           \
        [](PostgresClient const& client) { return run([&] { return client.name full; }); },      \
        [](PostgresClient const& client) { return run([&] { return client.name minimal; }); },   \
        [](PostgresClient const& client) { return settle([&] { return client.name minimal; }); } \
  }
#define METHOD(name, arguments) METHOD_WITH_OPTIONS(name, arguments, arguments)

// clang-format off
std::vector<Method> const& methods() {
  static std::vector<Method> const all{
      METHOD_WITH_OPTIONS(create_branch, (text("parent"), filled<Branch>(), text("branch_id"), {.replace_existing = flag("replace_existing")}), (text("parent"), filled<Branch>(), text("branch_id"))),
      METHOD(create_catalog, (filled<Catalog>(), text("catalog_id"))),
      METHOD_WITH_OPTIONS(create_cdf_config, (text("parent"), filled<CdfConfig>(), {.cdf_config_id = text("cdf_config_id")}), (text("parent"), filled<CdfConfig>())),
      METHOD(create_data_api, (text("parent"), filled<DataApi>())),
      METHOD_WITH_OPTIONS(create_database, (text("parent"), filled<Database>(), {.database_id = text("database_id"), .replace_existing = flag("replace_existing")}), (text("parent"), filled<Database>())),
      METHOD_WITH_OPTIONS(create_endpoint, (text("parent"), filled<Endpoint>(), text("endpoint_id"), {.replace_existing = flag("replace_existing")}), (text("parent"), filled<Endpoint>(), text("endpoint_id"))),
      METHOD(create_project, (filled<Project>(), text("project_id"))),
      METHOD_WITH_OPTIONS(create_replication_group_preview, (text("parent"), filled<ReplicationGroupPreview>(), text("replication_group_preview_id"), {.request_id = text("request_id")}), (text("parent"), filled<ReplicationGroupPreview>(), text("replication_group_preview_id"))),
      METHOD_WITH_OPTIONS(create_role, (text("parent"), filled<Role>(), {.replace_existing = flag("replace_existing"), .role_id = text("role_id")}), (text("parent"), filled<Role>())),
      METHOD(create_snapshot, (text("parent"), filled<Snapshot>(), text("snapshot_id"))),
      METHOD(create_synced_table, (filled<SyncedTable>(), text("synced_table_id"))),
      METHOD(create_table, (filled<Table>())),
      METHOD_WITH_OPTIONS(delete_branch, (text("name"), {.allow_missing = flag("allow_missing"), .purge = flag("purge")}), (text("name"))),
      METHOD(delete_catalog, (text("name"))),
      METHOD_WITH_OPTIONS(delete_cdf_config, (text("name"), {.force = flag("force")}), (text("name"))),
      METHOD(delete_data_api, (text("name"))),
      METHOD(delete_database, (text("name"))),
      METHOD(delete_endpoint, (text("name"))),
      METHOD_WITH_OPTIONS(delete_forward_etl_configuration, (text("parent"), {.pg_database_oid = number("pg_database_oid"), .pg_schema_oid = number("pg_schema_oid"), .tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD_WITH_OPTIONS(delete_project, (text("name"), {.purge = flag("purge")}), (text("name"))),
      METHOD_WITH_OPTIONS(delete_recovery_branch_preview, (text("name"), {.request_id = text("request_id")}), (text("name"))),
      METHOD_WITH_OPTIONS(delete_replication_group_preview, (text("name"), {.etag = text("etag"), .request_id = text("request_id")}), (text("name"))),
      METHOD_WITH_OPTIONS(delete_role, (text("name"), {.reassign_owned_to = text("reassign_owned_to")}), (text("name"))),
      METHOD(delete_snapshot, (text("name"))),
      METHOD(delete_synced_table, (text("name"))),
      METHOD(delete_table, (text("name"))),
      METHOD_WITH_OPTIONS(disable_forward_etl, (text("parent"), {.pg_database_oid = number("pg_database_oid"), .pg_schema_oid = number("pg_schema_oid"), .tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD_WITH_OPTIONS(failover_replication_group_preview, (text("name"), text("target_workspace"), {.etag = text("etag"), .request_id = text("request_id")}), (text("name"), text("target_workspace"))),
      METHOD_WITH_OPTIONS(generate_database_credential, (text("endpoint"), {.claims = {filled<RequestedClaims>()}, .expire_time = filled<Timestamp>(), .group_name = text("group_name"), .ttl = filled<Duration>()}), (text("endpoint"))),
      METHOD(get_branch, (text("name"))),
      METHOD(get_catalog, (text("name"))),
      METHOD(get_cdf_config, (text("name"))),
      METHOD(get_cdf_status, (text("name"))),
      METHOD(get_compute_instance, (text("name"))),
      METHOD(get_data_api, (text("name"))),
      METHOD(get_database, (text("name"))),
      METHOD(get_endpoint, (text("name"))),
      METHOD_WITH_OPTIONS(get_forward_etl_metadata, (text("parent"), {.tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD_WITH_OPTIONS(get_forward_etl_status, (text("parent"), {.tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD(get_operation, (text("name"))),
      METHOD(get_project, (text("name"))),
      METHOD(get_recovery_branch_preview, (text("name"))),
      METHOD(get_replication_group_preview, (text("name"))),
      METHOD(get_role, (text("name"))),
      METHOD(get_snapshot, (text("name"))),
      METHOD(get_snapshot_schedule, (text("name"))),
      METHOD(get_synced_table, (text("name"))),
      METHOD(get_table, (text("name"))),
      METHOD_WITH_OPTIONS(inspect_recovery_branch_preview, (text("name"), text("branch_id"), {.request_id = text("request_id")}), (text("name"), text("branch_id"))),
      METHOD_WITH_OPTIONS(list_branches, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token"), .show_deleted = flag("show_deleted")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_cdf_configs, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_cdf_statuses, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_compute_instances, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_databases, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_endpoints, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_projects, ({.page_size = number("page_size"), .page_token = text("page_token"), .show_deleted = flag("show_deleted")}), ()),
      METHOD_WITH_OPTIONS(list_recovery_branch_previews, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_replication_group_previews, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_roles, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_snapshots, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD(reveal_role_password, (text("name"))),
      METHOD_WITH_OPTIONS(switchover_replication_group_preview, (text("name"), text("target_workspace"), {.etag = text("etag"), .request_id = text("request_id")}), (text("name"), text("target_workspace"))),
      METHOD(undelete_branch, (text("name"))),
      METHOD(undelete_project, (text("name"))),
      METHOD(update_branch, (text("name"), filled<Branch>(), mask())),
      METHOD(update_data_api, (text("name"), filled<DataApi>(), mask())),
      METHOD(update_database, (text("name"), filled<Database>(), mask())),
      METHOD(update_endpoint, (text("name"), filled<Endpoint>(), mask())),
      METHOD(update_project, (text("name"), filled<Project>(), mask())),
      METHOD_WITH_OPTIONS(update_replication_group_preview, (text("name"), filled<ReplicationGroupPreview>(), mask(), {.request_id = text("request_id")}), (text("name"), filled<ReplicationGroupPreview>(), mask())),
      METHOD(update_role, (text("name"), filled<Role>(), mask())),
      METHOD(update_snapshot_schedule, (text("name"), filled<SnapshotSchedule>(), mask())),
  };
  return all;
}
// clang-format on

Method const* find_method(std::string const& name) {
  auto const found = std::find_if(methods().begin(), methods().end(), [&](Method const& m) { return m.name == name; });
  return found == methods().end() ? nullptr : &*found;
}

// The JSON of a filled model by its name.
std::map<std::string, ordered_json> const& filled_models() {
  static auto const all = [] {
    std::map<std::string, ordered_json> models;
#define LAKEBASE_ADD(Name) models[#Name] = ordered_json::parse(to_json(filled<postgres::Name>()));
    LAKEBASE_POSTGRES_MODELS(LAKEBASE_ADD)
#undef LAKEBASE_ADD
    return models;
  }();
  return all;
}

std::string pascal_case(std::string_view snake) {
  std::string result;
  bool upper = true;
  for (char const c : snake) {
    if (c != '_') result += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return result;
}

ordered_json const& parameter_of(ordered_json const& method, std::string const& name) {
  for (auto const& parameter : method.at("params")) {
    if (parameter.at("name") == name) return parameter;
  }
  throw std::runtime_error("the manifest has no parameter " + name);
}

// What the argument of a parameter is in JSON.
ordered_json argument(ordered_json const& parameter) {
  auto const name = parameter.at("name").get<std::string>();
  auto const type = parameter.at("type").get<std::string>();
  if (type == "str") return text(name);
  if (type == "int") return number(name);
  if (type == "bool") return flag(name);
  if (type == "FieldMask") return mask().to_string();
  if (type == "Timestamp") return filled<Timestamp>().to_string();
  if (type == "Duration") return filled<Duration>().to_string();
  if (type.starts_with("List[")) return ordered_json::array({filled_models().at(type.substr(5, type.size() - 6))});
  return filled_models().at(type);
}

std::string argument_text(ordered_json const& parameter) {
  auto const value = argument(parameter);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

constexpr std::string_view new_uuid = "(a new UUID)";

// A request with what has no order in it as sets; identifiers that are new each time are replaced by a word.
struct Sent {
  std::string verb;
  std::string path;
  std::map<std::string, std::string> query;
  ordered_json body;
};

std::string without_uuid(std::string const& text) {
  static std::regex const uuid{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  return std::regex_match(text, uuid) ? std::string{new_uuid} : text;
}

Sent sent(HttpRequest const& request) {
  Sent result{request.method, request.url.substr(example_host.size()), {}, {}};
  if (auto const mark = result.path.find('?'); mark != std::string::npos) {
    std::string rest = result.path.substr(mark + 1) + '&';
    result.path.resize(mark);
    for (std::size_t end; (end = rest.find('&')) != std::string::npos; rest.erase(0, end + 1)) {
      auto const equals = rest.find('=');
      result.query[rest.substr(0, equals)] = without_uuid(rest.substr(equals + 1, end - equals - 1));
    }
  }
  if (!request.body.empty()) result.body = ordered_json::parse(request.body);
  if (result.body.contains("request_id")) {
    result.body["request_id"] = without_uuid(result.body["request_id"].get<std::string>());
  }
  return result;
}

bool is_generated(ordered_json const& method, std::string const& parameter) {
  auto const& generated = method.value("generated_uuid", ordered_json::array());
  return std::find(generated.begin(), generated.end(), parameter) != generated.end();
}

// The parameter behind a source such as `update_mask.ToJsonString()` or `[v.as_dict() for v in claims]`.
std::string parameter_name(std::string const& from) {
  static std::regex const list{R"(.* in (\w+)\])"};
  std::smatch match;
  if (std::regex_match(from, match, list)) return match[1];
  return from.substr(0, from.find('.'));
}

// What the manifest says the method sends.
Sent expected(ordered_json const& method, bool with_options) {
  Sent result{method.at("verb"), method.at("path"), {}, {}};
  static std::regex const hole{R"(\{(\w+)\})"};
  std::smatch match;
  while (std::regex_search(result.path, match, hole)) {
    result.path =
        match.prefix().str() + encoded(argument_text(parameter_of(method, match[1])), true) + match.suffix().str();
  }
  auto const is_sent = [&](std::string const& name) {
    return with_options || !parameter_of(method, name).at("keyword_only") || is_generated(method, name);
  };
  auto const value = [&](std::string const& name) -> ordered_json {
    if (!with_options && is_generated(method, name)) return new_uuid;
    return argument(parameter_of(method, name));
  };
  for (auto const& query : method.at("query")) {
    auto const name = parameter_name(query.at("from"));
    if (!is_sent(name)) continue;
    auto const json = value(name);
    result.query[query.at("name")] = json == new_uuid   ? std::string{new_uuid}
                                     : json.is_string() ? encoded(json.get<std::string>())
                                                        : json.dump();
  }
  auto const& body = method.at("body");
  if (body.is_string()) result.body = value(parameter_name(body));
  if (body.is_object()) {
    result.body = ordered_json::object();
    for (auto const& [name, from] : body.items()) {
      auto const parameter = parameter_name(from);
      if (is_sent(parameter)) result.body[name] = value(parameter);
    }
  }
  return result;
}

void compare_sent(Report& report, std::string const& what, Sent const& wanted, Sent const& found) {
  report.compare("verb of " + what, wanted.verb, found.verb);
  report.compare("path of " + what, wanted.path, found.path);
  for (auto const& [name, value] : wanted.query) {
    if (!found.query.contains(name)) {
      report.add("query of ", what, ": missing ", name);
    } else {
      report.compare("query " + name + " of " + what, value, found.query.at(name));
    }
  }
  for (auto const& [name, value] : found.query) {
    if (!wanted.query.contains(name)) report.add("query of ", what, ": extra ", name);
  }
  if (nlohmann::json(wanted.body) != nlohmann::json(found.body)) {
    report.compare("body of " + what, wanted.body.dump(), found.body.dump());
  }
}

// What the service responds with; to a list, a page of one item.
ordered_json response(ordered_json const& method) {
  if (method.contains("operation")) return {{"name", "o/operations/1"}};
  if (method.contains("paginated")) return {{method.at("paginated").at("items"), ordered_json::parse("[{}]")}};
  if (method.at("returns").is_null()) return ordered_json::object();
  if (method.at("returns") == "Operation") return {{"name", "o/operations/1"}};
  return filled_models().at(method.at("returns"));
}

// Calls over a transport that responds as the manifest says, to lists with two pages.
Call call(ordered_json const& method, std::function<std::size_t(PostgresClient const&)> const& call_method) {
  auto first = response(method);
  auto const second = first;
  if (method.contains("paginated")) first[method.at("paginated").at("token").get<std::string>()] = "next page";
  auto const wire = script({{200, first.dump()}, {200, second.dump()}});
  Call result;
  result.items = call_method(client_over(wire));
  result.requests = wire->requests();
  return result;
}

void compare_pages(Report& report, std::string const& name, Call const& call, bool is_paginated) {
  if (call.requests.size() != (is_paginated ? 2U : 1U) || call.items != (is_paginated ? 2U : 0U)) {
    report.add("pages of ", name, ": ", call.requests.size(), " requests gave ", call.items, " items of two pages");
  } else if (is_paginated) {
    report.compare("page token of " + name, std::string{"next%20page"}, sent(call.requests[1]).query["page_token"]);
  }
}

TEST(SurfaceOfMethods, HasTheMethodsOfTheManifest) {
  Report report;
  std::vector<std::string> wanted;
  std::vector<std::string> found;
  for (auto const& method : manifest().at("methods")) wanted.push_back(method.at("name"));
  for (auto const& method : methods()) found.push_back(method.name);
  report.compare_names("methods", wanted, found);
  EXPECT_TRUE(report.empty()) << report.text();
  std::cout << found.size() << '/' << wanted.size() << " methods\n";
}

TEST(SurfaceOfMethods, SendsWhatTheManifestSays) {
  Report report;
  for (auto const& wanted : manifest().at("methods")) {
    auto const name = wanted.at("name").get<std::string>();
    auto const* const method = find_method(name);
    if (method == nullptr) continue;
    auto const full = call(wanted, method->full);
    compare_sent(report, name + " with all options", expected(wanted, true), sent(full.requests.at(0)));
    compare_pages(report, name, full, wanted.contains("paginated"));
    auto const minimal = call(wanted, method->minimal);
    compare_sent(report, name + " without options", expected(wanted, false), sent(minimal.requests.at(0)));
  }
  EXPECT_TRUE(report.empty()) << report.text();
}

// `returns` of the manifest in the words of WordOf.
std::string wanted_result(ordered_json const& method) {
  if (!method.contains("operation")) {
    return method.at("returns").is_null() ? "" : method.at("returns").get<std::string>();
  }
  auto const& operation = method.at("operation");
  auto const result = operation.at("result").is_null() ? "" : operation.at("result").get<std::string>();
  return "Operation[" + result + ", " + operation.at("metadata").get<std::string>() + "]";
}

std::vector<std::string> parameters(ordered_json const& method, bool keyword_only, char const* what) {
  std::vector<std::string> result;
  for (auto const& parameter : method.at("params")) {
    if (parameter.at("keyword_only") == keyword_only) result.push_back(parameter.at(what));
  }
  return result;
}

std::string joined(std::vector<std::string> const& words) {
  std::string result;
  for (auto const& word : words) result += (result.empty() ? "" : ", ") + word;
  return result;
}

// The names of the options as this test writes them, which the compiler holds against the aggregate and its order.
std::vector<std::string> options_written(std::string const& call) {
  static std::regex const designator{R"(\.(\w+) = )"};
  std::vector<std::string> result;
  for (std::sregex_iterator it{call.begin(), call.end(), designator}, end; it != end; ++it) result.push_back((*it)[1]);
  return result;
}

TEST(SurfaceOfMethods, TakesAndReturnsWhatTheManifestSays) {
  Report report;
  for (auto const& wanted : manifest().at("methods")) {
    auto const name = wanted.at("name").get<std::string>();
    auto const* const method = find_method(name);
    if (method == nullptr) continue;
    auto const& ours = method->signature;
    report.compare("result of " + name, wanted_result(wanted), ours.returns);
    report.compare("arguments of " + name, joined(parameters(wanted, false, "type")), joined(ours.positional));
    auto const options = parameters(wanted, true, "name");
    report.compare("options type of " + name, options.empty() ? "" : pascal_case(name) + "Options", ours.options);
    report.compare("option names of " + name, joined(options), joined(options_written(method->full_text)));
    report.compare("option types of " + name, joined(parameters(wanted, true, "type")), joined(ours.option_types));
  }
  EXPECT_TRUE(report.empty()) << report.text();
}

// Which methods may be repeated after a fault in which the service may have acted: those that only read, the one that
// reads by POST because it reveals a secret, and the one that makes a new password each time and does not mind. See
// docs/adr/0002-retries-of-writes.md.
bool is_safe_to_repeat(ordered_json const& method) {
  return method.at("verb") == "GET" || method.at("name") == "reveal_role_password" ||
         method.at("name") == "generate_database_credential";
}

TEST(SurfaceOfMethods, RepeatsAfterALostAnswerOnlyWhatIsSafeToRepeat) {
  for (auto const& wanted : manifest().at("methods")) {
    auto const name = wanted.at("name").get<std::string>();
    auto const* const method = find_method(name);
    if (method == nullptr) continue;
    auto const wire = script({});
    wire->then_throw(TransportError{TransportError::Kind::reset, true, ErrorFacts{.message = "lost"}});
    wire->then({200, response(wanted).dump()});
    bool repeated = true;
    try {
      method->minimal(client_over(wire));
    } catch (TransportError const&) {
      repeated = false;
    }
    EXPECT_EQ(repeated, is_safe_to_repeat(wanted)) << name;
    EXPECT_EQ(wire->requests().size(), repeated ? 2U : 1U) << name;
  }
}

template <class Wrapper, class Result, class... Parameters>
constexpr bool returns(Result (PostgresClient::*)(Parameters...) const) {
  return std::is_same_v<Wrapper, Result>;
}

// Python's names of the operation types.
#define LAKEBASE_WRAPPERS(X)                                                          \
  X(CreateBranchOperation, create_branch)                                             \
  X(CreateCatalogOperation, create_catalog)                                           \
  X(CreateCdfConfigOperation, create_cdf_config)                                      \
  X(CreateDataApiOperation, create_data_api)                                          \
  X(CreateDatabaseOperation, create_database)                                         \
  X(CreateEndpointOperation, create_endpoint)                                         \
  X(CreateProjectOperation, create_project)                                           \
  X(CreateReplicationGroupPreviewOperation, create_replication_group_preview)         \
  X(CreateRoleOperation, create_role)                                                 \
  X(CreateSnapshotOperation, create_snapshot)                                         \
  X(CreateSyncedTableOperation, create_synced_table)                                  \
  X(DeleteBranchOperation, delete_branch)                                             \
  X(DeleteCatalogOperation, delete_catalog)                                           \
  X(DeleteCdfConfigOperation, delete_cdf_config)                                      \
  X(DeleteDataApiOperation, delete_data_api)                                          \
  X(DeleteDatabaseOperation, delete_database)                                         \
  X(DeleteEndpointOperation, delete_endpoint)                                         \
  X(DeleteProjectOperation, delete_project)                                           \
  X(DeleteRecoveryBranchPreviewOperation, delete_recovery_branch_preview)             \
  X(DeleteReplicationGroupPreviewOperation, delete_replication_group_preview)         \
  X(DeleteRoleOperation, delete_role)                                                 \
  X(DeleteSnapshotOperation, delete_snapshot)                                         \
  X(DeleteSyncedTableOperation, delete_synced_table)                                  \
  X(FailoverReplicationGroupPreviewOperation, failover_replication_group_preview)     \
  X(InspectRecoveryBranchPreviewOperation, inspect_recovery_branch_preview)           \
  X(SwitchoverReplicationGroupPreviewOperation, switchover_replication_group_preview) \
  X(UndeleteBranchOperation, undelete_branch)                                         \
  X(UndeleteProjectOperation, undelete_project)                                       \
  X(UpdateBranchOperation, update_branch)                                             \
  X(UpdateDataApiOperation, update_data_api)                                          \
  X(UpdateDatabaseOperation, update_database)                                         \
  X(UpdateEndpointOperation, update_endpoint)                                         \
  X(UpdateProjectOperation, update_project)                                           \
  X(UpdateReplicationGroupPreviewOperation, update_replication_group_preview)         \
  X(UpdateRoleOperation, update_role)                                                 \
  X(UpdateSnapshotScheduleOperation, update_snapshot_schedule)

#define LAKEBASE_CHECK_WRAPPER(Wrapper, method) \
  static_assert(returns<Wrapper>(&PostgresClient::method), #method " does not return " #Wrapper);
LAKEBASE_WRAPPERS(LAKEBASE_CHECK_WRAPPER)

TEST(SurfaceOfMethods, HasTheOperationWrappersOfTheManifest) {
#define LAKEBASE_NAME(Wrapper, method) #Wrapper,
  std::vector<std::string> const found{LAKEBASE_WRAPPERS(LAKEBASE_NAME)};
#undef LAKEBASE_NAME
  std::vector<std::string> wanted;
  for (auto const& method : manifest().at("methods")) {
    if (method.contains("operation")) wanted.push_back(method.at("returns"));
  }
  Report report;
  report.compare_names("operation wrappers", wanted, found);
  EXPECT_TRUE(report.empty()) << report.text();
}

}  // namespace

std::function<std::string(PostgresClient const&)> settled_call(std::string const& method) {
  auto const* const found = find_method(method);
  return found == nullptr ? nullptr : found->settled;
}

nlohmann::ordered_json const& filled_model(std::string const& name) {
  return filled_models().at(name);
}

}  // namespace lakebase::tests
