#include "postgres/limits.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/errors.hpp"

namespace lakebase::emulator {

Limits service_limits() {
  Limits limits;
  limits.projects = 1000;
  limits.instances = 10;
  limits.branches = 500;
  limits.unarchived_branches = 10;
  limits.root_branches = 3;
  limits.protected_branches = 1;
  limits.snapshots = 10;
  limits.active_computes = 20;
  limits.roles = 500;
  limits.databases = 500;
  return limits;
}

std::string quota_message(std::int64_t quota, QuotaWords const& words) {
  return fmt::format("{} can have at most {} {}. {}, or start the emulator with another limit (--limit {}={}).",
                     words.whose, quota, words.what, words.remedy, words.limit, quota + 1);
}

void require_room(Quota quota, std::size_t present, QuotaWords const& words) {
  if (!quota || std::cmp_less(present, *quota)) return;
  throw quota_exceeded(quota_message(*quota, words));
}

}  // namespace lakebase::emulator
