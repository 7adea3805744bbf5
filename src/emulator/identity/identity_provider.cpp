#include "identity/identity_provider.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/digest.hpp"
#include "common/encoding.hpp"
#include "common/random.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::chrono::hours access_token_life{1};

ServiceError unauthenticated(std::string const& message) {
  return {401, "UNAUTHENTICATED", message};
}

// What follows a prefix, which is given in lower case and matches any case; empty if the text does not begin with it.
std::string without_prefix(std::string_view text, std::string_view prefix) {
  bool const starts = to_lower(text.substr(0, prefix.size())) == prefix;
  return starts ? std::string(text.substr(prefix.size())) : std::string{};
}

// Client id and secret, by HTTP Basic or in the form.
std::pair<std::string, std::string> client_of(std::string_view authorization, Query const& form) {
  auto const basic = base64_decoded(without_prefix(authorization, "basic ")).value_or("");
  if (auto const colon = basic.find(':'); colon != std::string::npos) {
    return {basic.substr(0, colon), basic.substr(colon + 1)};
  }
  return {form.text("client_id"), form.text("client_secret")};
}

Json oauth_error(std::string_view error, std::string_view description) {
  return Json{{"error", error}, {"error_description", description}};
}

}  // namespace

std::string scim_id(std::string_view name) {
  std::uint64_t number = 0;
  for (unsigned char const byte : sha256(name).substr(0, 6)) number = (number << 8) | byte;
  return fmt::format("{}", 1'000'000'000'000'000 + number);
}

std::optional<Identity> IdentityProvider::identity_of(std::string const& application_id) const {
  for (auto const& principal : people_.service_principals) {
    if (principal.application_id != application_id) continue;
    return Identity{.type = Identity::Type::service_principal,
                    .name = application_id,
                    .display_name = principal.display_name.empty() ? application_id : principal.display_name};
  }
  return std::nullopt;
}

Identity IdentityProvider::authenticate(std::string_view authorization) const {
  auto const token = without_prefix(authorization, "bearer ");
  if (token.empty()) {
    throw unauthenticated("Credential was not sent or was of an unsupported type for this API.");
  }
  if (equal_secrets(token, people_.token)) {
    auto const& name = people_.user_name;
    return {.type = Identity::Type::user, .name = name, .display_name = name.substr(0, name.find('@'))};
  }
  auto const claims = mint_.read(token);
  if (!claims || claims->value("aud", "") != "workspace") throw unauthenticated("Invalid access token.");
  if (claims->value("exp", std::int64_t{0}) <= epoch_seconds()) {
    throw unauthenticated("Access token has expired.");
  }
  auto const identity = identity_of(claims->value("sub", ""));
  if (!identity) throw unauthenticated("Invalid access token.");
  return *identity;
}

bool IdentityProvider::is_workspace_token(std::string_view text) const {
  if (equal_secrets(text, people_.token) || text.starts_with("dapi")) return true;
  auto const claims = mint_.read(text);
  return claims && claims->value("aud", "") == "workspace";
}

Json IdentityProvider::issue_token(std::string_view authorization, Query const& form, int& status) const {
  auto const [id, secret] = client_of(authorization, form);
  auto const& principals = people_.service_principals;
  bool const known = std::any_of(principals.begin(), principals.end(), [&, id = id, secret = secret](auto const& one) {
    return one.application_id == id && equal_secrets(one.secret, secret);
  });
  status = 401;
  if (!known) return oauth_error("invalid_client", "Client authentication failed");
  status = 400;
  if (form.text("grant_type") != "client_credentials") {
    return oauth_error("unsupported_grant_type", "The emulator knows the grant type client_credentials only");
  }
  status = 200;
  auto const issued = epoch_seconds();
  auto const life = std::chrono::seconds{access_token_life}.count();
  auto const scope = form.text("scope").empty() ? "all-apis" : form.text("scope");
  Json const claims{{"iss", "lakebase-emulator"},
                    {"aud", "workspace"},
                    {"sub", id},
                    {"client_id", id},
                    {"scope", scope},
                    {"iat", issued},
                    {"exp", issued + life},
                    {"jti", random_uuid()}};
  return Json{{"access_token", mint_.sign(claims)}, {"token_type", "Bearer"}, {"expires_in", life}, {"scope", scope}};
}

Json IdentityProvider::me(Identity const& caller) const {
  bool const is_user = caller.type == Identity::Type::user;
  Json groups = Json::array();
  for (auto const& group : people_.groups) {
    groups.push_back(Json{{"display", group}, {"type", "direct"}, {"value", scim_id(group)}});
  }
  Json json{{"schemas", Json::array({is_user ? "urn:ietf:params:scim:schemas:core:2.0:User"
                                             : "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"})},
            {"id", scim_id(caller.name)},
            {"userName", caller.name},
            {"displayName", caller.display_name},
            {"active", true}};
  if (is_user) {
    json["name"] = Json{{"givenName", caller.display_name}};
    json["emails"] = Json::array({Json{{"type", "work"}, {"value", caller.name}, {"primary", true}}});
  } else {
    json["applicationId"] = caller.name;
    json["emails"] = Json::array();
  }
  if (!groups.empty()) json["groups"] = std::move(groups);
  return json;
}

}  // namespace lakebase::emulator
