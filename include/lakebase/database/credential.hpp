#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/database/common.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace database {

/// What a credential lets its bearer do with a resource.
enum class RequestedClaimsPermissionSet {
  read_only,  ///< Read.
  unrecognized,
};
constexpr std::array<std::string_view, 1> enum_names(RequestedClaimsPermissionSet) {
  return {"READ_ONLY"};
}

/// A resource that a credential is requested for: one of its members.
struct RequestedResource {
  /// Full name of a table in Unity Catalog: `catalog.schema.table`.
  std::optional<std::string> table_name{};
  /// A resource of another kind, which the API does not describe.
  std::optional<std::string> unspecified_resource_name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("table_name", &RequestedResource::table_name);
    field("unspecified_resource_name", &RequestedResource::unspecified_resource_name);
  }
  friend bool operator==(RequestedResource const&, RequestedResource const&) = default;
};

/// A permission to be included in a credential.
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
  /// When it expires, in RFC 3339: no login succeeds with it from then on. Sessions that are open by then continue.
  std::optional<std::string> expiration_time{};
  /// The password: opaque text of a kilobyte or more. Keep it out of logs.
  std::optional<std::string> token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("expiration_time", &DatabaseCredential::expiration_time);
    field("token", &DatabaseCredential::token);
  }
  friend bool operator==(DatabaseCredential const&, DatabaseCredential const&) = default;
};

/// The password itself: `token_of(w.database.generate_database_credential({.instance_names = {name}}))`. A secret: keep
/// it out of logs.
/// @throws MissingField if the credential has none
[[nodiscard]] LAKEBASE_EXPORT std::string token_of(DatabaseCredential const& credential);

/// Options of `generate_database_credential`: at least one of `claims` and `instance_names`.
struct GenerateDatabaseCredentialOptions {
  /// Permissions to include in the credential.
  std::vector<RequestedClaims> claims{};
  /// The instances to log in to.
  std::vector<std::string> instance_names{};
  /// For the service's own records. Default: a new UUID.
  std::optional<std::string> request_id{};
};

}  // namespace database
}  // namespace v0
}  // namespace lakebase
