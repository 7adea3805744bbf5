#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/fields.hpp"
#include "engine/update_mask.hpp"
#include "postgres/limits.hpp"

namespace lakebase::emulator {

/// Size, suspension and settings of an endpoint's compute, or the defaults for a project's new endpoints.
struct ComputeSpec {
  double min_cu = 1;
  double max_cu = 1;
  /// None: never suspends.
  std::optional<Duration> suspend_after = std::chrono::hours{24};
  std::map<std::string, std::string> pg_settings;

  template <class Field>
  static void describe(Field&& field) {
    field("min_cu", &ComputeSpec::min_cu);
    field("max_cu", &ComputeSpec::max_cu);
    field("suspend_after", &ComputeSpec::suspend_after);
    field("pg_settings", &ComputeSpec::pg_settings);
  }
};

/// Takes over the size and the suspension that a request changes below `prefix` (e.g. `spec.`), and checks the result.
/// @throws ServiceError for sizes and times that the service does not offer
ComputeSpec changed_compute(ComputeSpec compute, Fields const& message, Touched const& touched, std::string_view prefix,
                            Limits const& limits);

/// How many computes `group` asks for. @throws ServiceError
std::int64_t read_group(Fields const& group);

/// Checks that a group of several computes is never suspended. @throws ServiceError
void require_always_on(std::int64_t computes, ComputeSpec const& compute, Fields const& spec);

/// `group.enable_readable_secondaries` of an endpoint's spec, if it is there.
std::optional<bool> read_readable_secondaries(Fields const& spec);

/// Adds its members to a view. `no_suspension` is a member of a project's settings, but not of an endpoint's status.
void put_compute(Json& json, ComputeSpec const& compute, bool says_never);

}  // namespace lakebase::emulator
