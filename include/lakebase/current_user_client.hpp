#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>
#include <lakebase/export.hpp>

namespace lakebase::inline v0 {

namespace detail {
class ApiClient;
}

namespace iam {

/// A value with a label, as SCIM has them for e-mail addresses, groups and entitlements.
struct ComplexValue {
  std::optional<std::string> display{};
  std::optional<bool> primary{};
  std::optional<std::string> ref{};
  std::optional<std::string> type{};
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
  std::optional<std::string> family_name{};
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
  std::optional<std::string> display_name{};
  std::vector<ComplexValue> emails{};
  std::vector<ComplexValue> entitlements{};
  std::optional<std::string> external_id{};
  std::vector<ComplexValue> groups{};
  /// Number of the identity in the workspace, as text.
  std::optional<std::string> id{};
  std::optional<Name> name{};
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

/// Who the caller is: Python's `w.current_user`. Cheap to copy, and safe to share between threads.
class LAKEBASE_EXPORT CurrentUserClient {
 public:
  /// Reads the environment and the profile for what `config` leaves open; see Config.
  /// @throws ConfigError
  explicit CurrentUserClient(Config const& config = {});

  /// The same client with other options for its calls.
  CurrentUserClient with(CallOptions options) const;

  /// Reads the caller's own entry. `GET /api/2.0/preview/scim/v2/Me`
  iam::User me() const;

 private:
  friend class WorkspaceClient;
  explicit CurrentUserClient(std::shared_ptr<detail::ApiClient const> api);

  std::shared_ptr<detail::ApiClient const> api_;
};

}  // namespace lakebase::inline v0
