#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

namespace detail {
class ApiClient;
}

namespace iam {

/// A value with a label, as SCIM has them for e-mail addresses, groups and entitlements.
struct ComplexValue {
  /// For people, e.g. the name of a group.
  std::optional<std::string> display{};
  /// Whether it is the main one of its kind, e.g. of several addresses.
  std::optional<bool> primary{};
  /// Path of the entry that it refers to. (`$ref` on the wire.)
  std::optional<std::string> ref{};
  /// Kind of the value, e.g. `work`.
  std::optional<std::string> type{};
  /// The value itself: an address, a group's id, an entitlement.
  std::optional<std::string> value{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("display", &ComplexValue::display);
    field("primary", &ComplexValue::primary);
    field("$ref", &ComplexValue::ref);
    field("type", &ComplexValue::type);
    field("value", &ComplexValue::value);
  }
  friend bool operator==(ComplexValue const&, ComplexValue const&) = default;
};

/// The parts of a name.
struct Name {
  /// Surname.
  std::optional<std::string> family_name{};
  /// First name.
  std::optional<std::string> given_name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("familyName", &Name::family_name);
    field("givenName", &Name::given_name);
  }
  friend bool operator==(Name const&, Name const&) = default;
};

/// A user or a service principal, as SCIM describes them.
struct User {
  /// Whether the identity may log in.
  std::optional<bool> active{};
  /// For people.
  std::optional<std::string> display_name{};
  /// E-mail addresses; none for a service principal.
  std::vector<ComplexValue> emails{};
  /// What the identity may use, e.g. `workspace-access`.
  std::vector<ComplexValue> entitlements{};
  /// The identity provider's id.
  std::optional<std::string> external_id{};
  /// The groups it is a direct member of.
  std::vector<ComplexValue> groups{};
  /// Number of the identity in the workspace, as text.
  std::optional<std::string> id{};
  /// The parts of a person's name.
  std::optional<Name> name{};
  /// Roles in the cloud provider's account, if any.
  std::vector<ComplexValue> roles{};
  /// E-mail address of a user, application id of a service principal: also the name of the identity's PostgreSQL role.
  std::optional<std::string> user_name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("active", &User::active);
    field("displayName", &User::display_name);
    field("emails", &User::emails);
    field("entitlements", &User::entitlements);
    field("externalId", &User::external_id);
    field("groups", &User::groups);
    field("id", &User::id);
    field("name", &User::name);
    field("roles", &User::roles);
    field("userName", &User::user_name);
  }
  friend bool operator==(User const&, User const&) = default;
};

}  // namespace iam

/// Who the caller is: Python's `w.current_user`.
///
/// Thread safety: safe to share between threads; copies share one configuration, its tokens and its connections.
/// Exceptions: the constructor throws ConfigError; calls throw what PostgresClient describes.
/// Lifetime: cheap to copy.
class LAKEBASE_EXPORT CurrentUserClient {
 public:
  /// Reads the environment and the profile for what `config` leaves open; see Config.
  /// @throws ConfigError
  [[nodiscard]] explicit CurrentUserClient(Config const& config = {});

  /// The same client with other options for its calls.
  [[nodiscard]] CurrentUserClient with(CallOptions options) const;

  /// Reads the caller's own entry. `GET /api/2.0/preview/scim/v2/Me`
  [[nodiscard]] iam::User me() const;

 private:
  friend class WorkspaceClient;
  // First, as a constructor of a pointer alone would make CurrentUserClient{{}} ambiguous.
  struct FromApi {};
  CurrentUserClient(FromApi, std::shared_ptr<detail::ApiClient const> api);

  std::shared_ptr<detail::ApiClient const> api_;
};

}  // namespace v0
}  // namespace lakebase
