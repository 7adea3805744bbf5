#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/time.hpp"

namespace lakebase::emulator {

/// How much there may be of something; none: as much as the machine can hold.
using Quota = std::optional<std::int64_t>;

/// What a workspace can hold, and for how long. Without `service_limits` only those hold that are rules of a field or
/// of the shape of a branch.
struct Limits {
  /// In the workspace.
  Quota projects;
  /// Database instances.
  Quota instances;
  /// In each project; the first with those that can still be restored.
  Quota branches;
  Quota unarchived_branches;
  Quota root_branches;
  Quota protected_branches;
  /// Taken by hand.
  Quota snapshots;
  Quota active_computes;
  /// In each branch.
  Quota roles;
  Quota databases;
  Quota read_only_endpoints = 6;

  /// From now to the end of a branch.
  Duration longest_ttl = std::chrono::hours{30 * 24};
  /// Until an idle compute is suspended.
  Duration shortest_suspension = std::chrono::seconds{60};
  Duration longest_suspension = std::chrono::hours{7 * 24};
  /// The restore window.
  Duration shortest_history = std::chrono::hours{2 * 24};
  Duration longest_history = std::chrono::hours{35 * 24};
};

/// Those of the service.
Limits service_limits();

/// What a message says of a quota.
struct QuotaWords {
  /// `A project`
  std::string_view whose;
  /// `root branches`
  std::string_view what;
  /// The name of the limit on the command line: `root-branches`
  std::string_view limit;
  /// `Delete one first`
  std::string_view remedy = "Delete one first";
};

/// @param present how many there are already @throws ServiceError if one more exceeds the quota
void require_room(Quota quota, std::size_t present, QuotaWords const& words);
/// What `require_room` says.
std::string quota_message(std::int64_t quota, QuotaWords const& words);

}  // namespace lakebase::emulator
