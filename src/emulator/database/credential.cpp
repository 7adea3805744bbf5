#include "database/credential.hpp"

#include <fmt/format.h>

#include "database/instance_lookup.hpp"
#include "database/paths.hpp"
#include "database/request_types.hpp"

namespace lakebase::emulator {
namespace {

// What a token with claims may read is not held by anything here, so none is given out.
void refuse_claims(Fields const& body) {
  auto const claims = body.list("claims");
  if (claims.empty()) return;
  for (auto const& claim : claims) {
    if (claim.choice("permission_set", {"READ_ONLY"}).empty()) throw required_field(claim.path_of("permission_set"));
  }
  throw not_offered("database credentials with claims");
}

}  // namespace

void InstanceCredentials::routes(Router& router) const {
  router.add("POST", fmt::format("{}credentials", database_api), [this](Call const& call) { return generate(call); });
}

Json InstanceCredentials::generate(Call const& call) const {
  auto const body = call.fields();
  check_types(body, database_request_types().at("GenerateDatabaseCredentialRequest"), database_request_types());
  auto const names = body.text_list("instance_names");
  if (names.empty() && body.list("claims").empty())
    throw invalid("At least one of 'instance_names' and 'claims' must be set.");
  auto const state = workspace_.state();
  for (auto const& name : names) live_instance(*state, name);
  refuse_claims(body);
  Json about{{"instances", names}};
  if (auto const id = body.text("request_id")) about["request_id"] = *id;
  auto const minted = credentials_.mint(call.caller.name, longest_token_life, std::move(about));
  return Json{{"token", minted.token}, {"expiration_time", to_text(minted.expire_time)}};
}

}  // namespace lakebase::emulator
