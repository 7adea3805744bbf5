#include "mcp/tools/credential_tool.hpp"

#include <fmt/format.h>

#include "tools/errors.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

constexpr char const* how_to_use =
    "The token is the password of your role for an hour. Connect with sslmode=require or verify-full.";

struct CredentialArguments {
  std::optional<std::vector<std::string>> instance_names{};
  std::optional<std::string> endpoint{};

  template <class Field>
  static void describe(Field&& field) {
    field("instance_names", &CredentialArguments::instance_names,
          "Database instances that the token is for; wins over endpoint");
    field("endpoint", &CredentialArguments::endpoint,
          "Endpoint that the token is for: projects/ID/branches/ID/endpoints/ID");
  }
};

struct CredentialOutcome {
  std::optional<std::vector<std::string>> instance_names{};
  std::optional<std::string> token{};
  std::optional<std::string> expiration_time{};
  std::optional<std::string> expire_time{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("instance_names", &CredentialOutcome::instance_names);
    field("token", &CredentialOutcome::token);
    field("expiration_time", &CredentialOutcome::expiration_time);
    field("expire_time", &CredentialOutcome::expire_time);
    field("message", &CredentialOutcome::message);
    field("error", &CredentialOutcome::error);
  }
};

CredentialOutcome for_instances(Workspace& workspace, Call& call, std::vector<std::string> const& names) {
  workspace.require_instances_in_scope();
  auto const credential = tools::attempt("generate a credential", [&] {
    return workspace.client(call).database.generate_database_credential({.instance_names = names});
  });
  CredentialOutcome outcome;
  outcome.instance_names = names;
  outcome.token = credential.token;
  outcome.expiration_time = credential.expiration_time;
  outcome.message = how_to_use;
  return outcome;
}

CredentialOutcome for_endpoint(Workspace& workspace, Call& call, std::string const& endpoint) {
  workspace.require_in_scope(tools::parse_target(endpoint).project);
  auto const credential = tools::attempt(
      "generate a credential", [&] { return workspace.client(call).postgres.generate_database_credential(endpoint); });
  CredentialOutcome outcome;
  outcome.token = credential.token;
  if (credential.expire_time) outcome.expire_time = credential.expire_time->to_string();
  outcome.message = how_to_use;
  return outcome;
}

CredentialOutcome generate(Workspace& workspace, Call& call, CredentialArguments const& arguments) {
  if (arguments.instance_names && !arguments.instance_names->empty()) {
    return for_instances(workspace, call, *arguments.instance_names);
  }
  if (arguments.endpoint.value_or("").empty()) {
    throw Refusal{"Provide either instance_names (provisioned) or endpoint (autoscale)."};
  }
  return for_endpoint(workspace, call, *arguments.endpoint);
}

}  // namespace

Tool credential_tool(Workspace& workspace) {
  auto tool = typed_tool<CredentialArguments>(
      "generate_lakebase_credential",
      "Makes a token that is the PostgreSQL password of the current user for an hour. To run a statement, "
      "query_lakebase needs none.",
      [&workspace](Call& call, CredentialArguments const& arguments) {
        return result_of(json_of(generate(workspace, call, arguments)));
      });
  tool.title = "Generate a Lakebase credential";
  tool.output_schema = schema_of<CredentialOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
