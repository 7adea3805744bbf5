#include "postgres/credential.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/random.hpp"
#include "common/shown.hpp"
#include "postgres/request_types.hpp"
#include "postgres/sql_roles.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

constexpr Duration shortest_life = 300s;

constexpr std::string_view not_authorized = "Invalid authorization for databricks identity login";

LoginDecision refused(std::string sqlstate, std::string message) {
  return {LoginDecision::Verdict::refused, std::move(sqlstate), std::move(message)};
}

LoginDecision wrong_password(std::string const& user) {
  return refused("28P01", fmt::format("password authentication failed for user '{}'", user));
}

// What decides on a login at an endpoint.
struct Place {
  ProjectRecord const& project;
  EndpointRecord const& endpoint;
  /// None if the branch has no such role.
  std::optional<std::string> auth_method;
};

std::optional<Place> place_of(State const& state, Login const& login) {
  for (auto const& project : state.projects) {
    if (project.delete_time) continue;
    for (auto const& branch : project.branches) {
      if (branch.delete_time) continue;
      auto const here = std::find_if(branch.endpoints.begin(), branch.endpoints.end(),
                                     [&](auto const& endpoint) { return endpoint.uid == login.endpoint_uid; });
      if (here == branch.endpoints.end()) continue;
      Place place{.project = project, .endpoint = *here, .auth_method = std::nullopt};
      for (auto const& role : branch.roles) {
        if (role.postgres_role == login.user) place.auth_method = role.auth_method;
      }
      return place;
    }
  }
  return std::nullopt;
}

// Times in tokens are seconds since the epoch, with a fraction if there is one.
Json epoch_seconds(TimePoint time) {
  auto const micros = time.time_since_epoch() / 1us;
  if (micros % 1'000'000 == 0) return micros / 1'000'000;
  return static_cast<double>(micros) / 1e6;
}

bool has_expired(Json const& claims, TimePoint now) {
  return claims.value("exp", 0.0) <= static_cast<double>(now.time_since_epoch() / 1us) / 1e6;
}

// What a request asks for.
Duration life_in(Fields const& body, TimePoint now) {
  auto const ttl = body.duration("ttl");
  auto const expire_time = body.time("expire_time");
  if (ttl && expire_time) throw invalid("Only one of 'ttl' and 'expire_time' can be set.");
  auto const life = ttl ? *ttl : expire_time ? *expire_time - now : longest_token_life;
  if (life < shortest_life || life > longest_token_life) {
    throw invalid(ttl ? fmt::format("Field 'ttl' must be between {} and {}, got {}.", to_text(shortest_life),
                                    to_text(longest_token_life), to_text(life))
                      : fmt::format("Field 'expire_time' must lie between {} and {} ahead.", to_text(shortest_life),
                                    to_text(longest_token_life)));
  }
  return life;
}

}  // namespace

void Credentials::routes(Router& router) const {
  router.add("POST", "api/2.0/postgres/credentials", [this](Call const& call) { return generate(call); });
}

Json Credentials::generate(Call const& call) const {
  auto const body = call.fields();
  check_types(body, request_types().at("GenerateDatabaseCredentialRequest"));
  auto const endpoint = body.text("endpoint");
  if (!endpoint) throw required_field("endpoint");
  endpoints_.uid_of(*endpoint);
  auto const life = life_in(body, workspace_.now());
  if (!body.list("claims").empty()) throw invalid("Unsupported permission set");
  Json about{{"endpoint", *endpoint}};
  if (auto const group = body.text("group_name")) {
    auto const& groups = workspace_.options().groups;
    if (std::find(groups.begin(), groups.end(), *group) == groups.end()) {
      throw invalid(fmt::format("Field 'group_name': the caller is not a member of a group '{}'.", *group));
    }
    about["group"] = *group;
  }
  auto const minted = mint(call.caller.name, life, std::move(about));
  return Json{{"token", minted.token}, {"expire_time", to_text(minted.expire_time)}};
}

Minted Credentials::mint(std::string const& subject, Duration life, Json about) const {
  auto const now = workspace_.now();
  TimePoint expire_time;
  {
    std::lock_guard const lock{mutex_};
    expire_time = rounded(now + token_life_.value_or(life));
  }
  Json claims{{"iss", "lakebase-emulator"},        {"aud", "lakebase"},   {"sub", subject}, {"iat", epoch_seconds(now)},
              {"exp", epoch_seconds(expire_time)}, {"jti", random_uuid()}};
  claims.update(about);
  return {workspace_.mint().sign(claims), expire_time};
}

std::optional<LoginDecision> Credentials::refused_by_control(Login const& login) {
  std::lock_guard const lock{mutex_};
  auto const found = refusals_.find(login.endpoint_uid);
  if (found == refusals_.end()) return std::nullopt;
  auto decision = refused(found->second.sqlstate, found->second.message);
  if (found->second.times > 0 && --found->second.times == 0) refusals_.erase(found);
  return decision;
}

std::string_view Credentials::objection_to_token(Login const& login) const {
  auto const claims = workspace_.mint().read(login.password);
  if (!claims || claims->value("aud", "") != "lakebase") {
    return "the token is not a database credential of this workspace";
  }
  if (has_expired(*claims, workspace_.now())) return "the token has expired";
  if (claims->value("group", claims->value("sub", "")) != login.user) return "the token is somebody else's";
  return {};
}

LoginDecision Credentials::decide_token(Login const& login) const {
  auto const objection = objection_to_token(login);
  if (objection.empty()) return {LoginDecision::Verdict::trusted, {}, {}};
  workspace_.log(fmt::format("login of {} at {} refused: {}", shown(login.user), login.endpoint_uid, objection));
  return refused("28P01", std::string(not_authorized));
}

std::optional<std::string> Credentials::find_made_by_sql(Login const& login) const {
  if (!looks_like_jwt(login.password) || !objection_to_token(login).empty()) return std::nullopt;
  sql_roles_.look_at(login.endpoint_uid);
  auto const state = workspace_.state();
  auto const place = place_of(*state, login);
  return place ? place->auth_method : std::nullopt;
}

LoginDecision Credentials::decide_password(Login const& login, std::optional<std::string> const& auth_method,
                                           bool native_login) const {
  if (identity_provider_.is_workspace_token(login.password)) {
    return refused("28P01", fmt::format("password authentication failed for user '{}': a token for the workspace's API "
                                        "is not a database credential; mint one with generate_database_credential",
                                        login.user));
  }
  if (looks_like_jwt(login.password)) {
    auto decision = decide_token(login);
    bool const trusted = decision.verdict == LoginDecision::Verdict::trusted;
    if (trusted && auth_method != "LAKEBASE_OAUTH_V1") return wrong_password(login.user);
    return decision;
  }
  if (!native_login) return refused("28000", "native postgres login is disabled for this endpoint");
  // A role that was created by SQL has no method here, and logs in with its password.
  if (auth_method.value_or("PG_PASSWORD_SCRAM_SHA_256") != "PG_PASSWORD_SCRAM_SHA_256") {
    return wrong_password(login.user);
  }
  return {LoginDecision::Verdict::native_password, {}, {}};
}

LoginDecision Credentials::decide(Login const& login) {
  if (auto decision = refused_by_control(login)) return *decision;
  auto const state = workspace_.state();
  auto const place = place_of(*state, login);
  if (!place) return refused("08006", "the endpoint does not exist any more");
  auto const asleep = reason_to_sleep(workspace_, place->project, place->endpoint);
  auto auth_method = place->auth_method;
  if (!auth_method && !asleep) auth_method = find_made_by_sql(login);
  auto decision = decide_password(login, auth_method, place->project.enable_pg_native_login);
  if (decision.verdict == LoginDecision::Verdict::refused) return decision;
  if (place->endpoint.disabled && place->project.instance) {
    return refused("55000",
                   fmt::format("database instance '{}' is stopped; start it (stopped = false) and connect again",
                               place->project.instance->name));
  }
  if (asleep) return refused("53400", *asleep);
  return decision;
}

void Credentials::set_token_life(std::optional<Duration> life) {
  std::lock_guard const lock{mutex_};
  token_life_ = life;
}

void Credentials::refuse_logins(std::string const& endpoint_uid, LoginRefusal refusal) {
  std::lock_guard const lock{mutex_};
  refusals_[endpoint_uid] = std::move(refusal);
}

void Credentials::accept_logins(std::string const& endpoint_uid) {
  std::lock_guard const lock{mutex_};
  refusals_.erase(endpoint_uid);
}

}  // namespace lakebase::emulator
