#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/export.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// What a credential lets its bearer do with a resource.
enum class RequestedClaimsPermissionSet {
  read_only,  ///< Read.
  unrecognized,
};
constexpr std::array<std::string_view, 1> enum_names(RequestedClaimsPermissionSet) {
  return {"READ_ONLY"};
}

/// A resource that a credential is requested for.
struct RequestedResource {
  /// Full name of a table in Unity Catalog: `catalog.schema.table`.
  std::optional<std::string> table_name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("table_name", &RequestedResource::table_name);
  }
  friend bool operator==(RequestedResource const&, RequestedResource const&) = default;
};

/// A permission to be included in a credential. A workspace that does not support these refuses the call.
struct RequestedClaims {
  /// The permission.
  std::optional<Enum<RequestedClaimsPermissionSet>> permission_set{};
  /// The resources that it covers.
  std::vector<RequestedResource> resources{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("permission_set", &RequestedClaims::permission_set);
    field("resources", &RequestedClaims::resources);
  }
  friend bool operator==(RequestedClaims const&, RequestedClaims const&) = default;
};

/// A password for PostgreSQL that expires. Set by the service.
struct DatabaseCredential {
  /// When it expires: no login succeeds with it from then on. Sessions that are open by then continue.
  std::optional<Timestamp> expire_time{};
  /// The password: opaque text of a kilobyte or more. Keep it out of logs.
  std::optional<std::string> token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("expire_time", &DatabaseCredential::expire_time);
    field("token", &DatabaseCredential::token);
  }
  friend bool operator==(DatabaseCredential const&, DatabaseCredential const&) = default;
};

/// The password itself: `token_of(w.postgres.generate_database_credential(endpoint))`. A secret: keep it out of logs.
/// @throws MissingField if the credential has none
[[nodiscard]] LAKEBASE_EXPORT std::string token_of(DatabaseCredential const& credential);

/// Options of `generate_database_credential`.
struct GenerateDatabaseCredentialOptions {
  /// Permissions to include in the credential.
  std::vector<RequestedClaims> claims{};
  /// When the credential expires, 5 minutes to 1 hour ahead. Excludes `ttl`. Default: in 1 hour.
  std::optional<Timestamp> expire_time{};
  /// Display name of a workspace group to log in as; the caller must be a member. The user name is the group's then.
  std::optional<std::string> group_name{};
  /// How long the credential is valid, 5 minutes to 1 hour. Excludes `expire_time`. Default 1 hour.
  std::optional<Duration> ttl{};
};

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
