#pragma once

#include <optional>
#include <string>
#include <vector>

#include <lakebase/database/credential.hpp>

// Bodies of calls that send arguments instead of a model. Listed in models.def; only ever written.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Of `failover_database_instance`.
struct FailoverInstanceRequest {
  std::optional<std::string> failover_target_database_instance_name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("failover_target_database_instance_name", &FailoverInstanceRequest::failover_target_database_instance_name);
  }
};

/// Of `generate_database_credential` of `w.database`.
struct GenerateInstanceCredentialRequest {
  std::vector<database::RequestedClaims> claims{};
  std::vector<std::string> instance_names{};
  std::optional<std::string> request_id{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("claims", &GenerateInstanceCredentialRequest::claims);
    field("instance_names", &GenerateInstanceCredentialRequest::instance_names);
    field("request_id", &GenerateInstanceCredentialRequest::request_id);
  }
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
