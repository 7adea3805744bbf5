#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/call.hpp"
#include "engine/router.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// How to refuse all logins at an endpoint, by a control.
struct LoginRefusal {
  std::string sqlstate = "57P03";
  std::string message = "the database system is starting up";
  /// How many logins to refuse; 0: until `accept_logins`.
  std::int64_t times = 0;
};

/// A database credential.
struct Minted {
  std::string token;
  TimePoint expire_time;
};

/// As long as a token lives at most.
inline constexpr Duration longest_token_life = std::chrono::hours{1};

/// Mints database credentials, and decides on the logins at the endpoints' fronts.
class Credentials {
 public:
  Credentials(Workspace& workspace, IdentityProvider const& identity_provider, Endpoints const& endpoints,
              SqlRoles& sql_roles)
      : workspace_(workspace), identity_provider_(identity_provider), endpoints_(endpoints), sql_roles_(sql_roles) {}

  void routes(Router& router) const;

  /// `POST /api/2.0/postgres/credentials`
  Json generate(Call const& call) const;
  /// A new token by which its holder logs in. @param about what it says besides: `group` is the role, else the subject
  Minted mint(std::string const& subject, Duration life, Json about) const;
  LoginDecision decide(Login const& login);

  /// Overrides the life of tokens; none: as requested.
  void set_token_life(std::optional<Duration> life);
  void refuse_logins(std::string const& endpoint_uid, LoginRefusal refusal);
  void accept_logins(std::string const& endpoint_uid);

 private:
  std::optional<LoginDecision> refused_by_control(Login const& login);
  /// Why a token does not open the role; empty: it does.
  std::string_view objection_to_token(Login const& login) const;
  LoginDecision decide_token(Login const& login) const;
  /// How a role that SQL may have made for the holder of the token logs in; none if there is none.
  std::optional<std::string> find_made_by_sql(Login const& login) const;
  LoginDecision decide_password(Login const& login, std::optional<std::string> const& auth_method,
                                bool native_login) const;

  Workspace& workspace_;
  IdentityProvider const& identity_provider_;
  Endpoints const& endpoints_;
  SqlRoles& sql_roles_;
  mutable std::mutex mutex_;
  std::optional<Duration> token_life_;
  std::map<std::string, LoginRefusal> refusals_;
};

}  // namespace lakebase::emulator
