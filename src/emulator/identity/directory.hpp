#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/query.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Who is who in the workspace: bearer tokens, OAuth for service principals, and the SCIM view of the caller.
class Directory {
 public:
  explicit Directory(Workspace const& workspace) : workspace_(workspace) {}

  /// The caller that an `Authorization` header stands for. @throws ServiceError 401
  Identity authenticate(std::string_view authorization) const;
  /// Whether a text is a credential for the workspace's API, which PostgreSQL does not take.
  bool is_workspace_token(std::string_view text) const;

  /// `POST /oidc/v1/token`, client credentials by HTTP Basic or in the form. `status` receives the HTTP status.
  Json issue_token(std::string_view authorization, Query const& form, int& status) const;
  /// `GET /api/2.0/preview/scim/v2/Me`
  Json me(Identity const& caller) const;

 private:
  std::optional<Identity> identity_of(std::string const& application_id) const;

  Workspace const& workspace_;
};

/// The workspace's id, made up but fixed.
inline constexpr std::string_view workspace_id = "1000000000000001";

}  // namespace lakebase::emulator
