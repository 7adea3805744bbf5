#include "mcp/server/resources.hpp"

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/json.hpp>

#include "mcp/tools/describe_tool.hpp"
#include "tools/errors.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::string_view scheme = "lakebase://";

/// Full name of the branch: what is between the scheme and the last part.
std::string branch_of(std::string_view uri) {
  auto const path = uri.substr(scheme.size());
  return std::string{path.substr(0, path.rfind('/'))};
}

template <class Pager>
Json list_of(Pager const& pager) {
  Json list = Json::array();
  for (auto const& item : pager) list.push_back(Json::parse(to_json(item)));
  return list;
}

template <class Read>
auto reader(Workspace& workspace, Read read) {
  return [&workspace, read](Call& call, std::string const& uri) -> std::optional<Json> {
    try {
      auto const branch = workspace.place(call, branch_of(uri));
      auto const document = read(call, branch);
      return Json::array({{{"uri", uri}, {"mimeType", "application/json"}, {"text", json_line(document)}}});
    } catch (NotFound const&) {
      return std::nullopt;
    } catch (Refusal const&) {
      return std::nullopt;
    } catch (Error const& error) {
      if (call.stop().stop_requested()) throw Stopped{};
      throw ProtocolError(Code::internal_error, tools::message_of(error));
    }
  };
}

}  // namespace

std::vector<ResourceTemplate> resource_templates(Workspace& workspace) {
  auto const uri = [](char const* what) {
    return fmt::format("{}projects/{{project}}/branches/{{branch}}/{}", scheme, what);
  };
  return {{.uri_template = uri("schema"),
           .name = "schema",
           .description = "Schemas, tables, columns and keys of the database databricks_postgres of a branch",
           .mime_type = "application/json",
           .read = reader(workspace,
                          [&workspace](Call& call, std::string const& branch) {
                            return description_of(workspace, call, branch, std::nullopt, "", "");
                          })},
          {.uri_template = uri("roles"),
           .name = "roles",
           .description = "PostgreSQL roles of a branch",
           .mime_type = "application/json",
           .read = reader(workspace,
                          [&workspace](Call& call, std::string const& branch) {
                            return list_of(workspace.client(call).postgres.list_roles(branch));
                          })},
          {.uri_template = uri("endpoints"),
           .name = "endpoints",
           .description = "Endpoints of a branch: hosts, sizes and states",
           .mime_type = "application/json",
           .read = reader(workspace, [&workspace](Call& call, std::string const& branch) {
             return list_of(workspace.client(call).postgres.list_endpoints(branch));
           })}};
}

}  // namespace lakebase::mcp
