#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/identity.hpp"
#include "common/json.hpp"
#include "common/time.hpp"
#include "common/tokens.hpp"
#include "engine/query.hpp"

namespace lakebase::emulator {

struct ServicePrincipalOptions {
  std::string application_id;
  std::string secret;
  std::string display_name;
};

/// The identities of the workspace.
struct People {
  std::string user_name;
  /// The user's personal access token.
  std::string token;
  std::vector<ServicePrincipalOptions> service_principals;
  /// All identities are members of these groups.
  std::vector<std::string> groups;
};

/// Authenticates callers: bearer tokens, OAuth for service principals, and the SCIM view of the caller.
class IdentityProvider {
 public:
  IdentityProvider(People people, TokenMint const& mint, Clock clock)
      : people_(std::move(people)), mint_(mint), clock_(std::move(clock)) {}

  /// The caller that an `Authorization` header stands for. @throws ServiceError 401
  Identity authenticate(std::string_view authorization) const;
  /// Whether a text is a credential for the workspace's API, which PostgreSQL does not accept.
  bool is_workspace_token(std::string_view text) const;

  /// `POST /oidc/v1/token`, client credentials by HTTP Basic or in the form. `status` receives the HTTP status.
  Json issue_token(std::string_view authorization, Query const& form, int& status) const;
  /// `GET /api/2.0/preview/scim/v2/Me`
  Json me(Identity const& caller) const;

 private:
  std::optional<Identity> identity_of(std::string const& application_id) const;

  std::int64_t epoch_seconds() const { return clock_().time_since_epoch() / std::chrono::seconds{1}; }

  People const people_;
  TokenMint const& mint_;
  Clock const clock_;
};

/// The SCIM id of an identity or a group: digits, always the same ones for a name.
std::string scim_id(std::string_view name);

/// The workspace's id, made up but fixed.
inline constexpr std::string_view workspace_id = "1000000000000001";

}  // namespace lakebase::emulator
