#include "postgres/data_plane_errors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

// A statement waited too long for a lock.
constexpr std::string_view lock_timeout = "55P03";

}  // namespace

ServiceError service_error_of(DataPlaneError const& error) {
  auto const& sqlstate = error.sqlstate();
  if (sqlstate.empty()) return {500, "INTERNAL_ERROR", error.what()};
  auto const message = fmt::format("{} (SQLSTATE {})", error.what(), sqlstate);
  if (sqlstate == lock_timeout) {
    return aborted(
        "Another session holds a lock that the operation needs, perhaps in a transaction that was left open. End it, "
        "and "
        "try again: " +
        message);
  }
  return is_users_mistake(sqlstate) ? bad_request(message) : ServiceError{500, "INTERNAL_ERROR", message};
}

bool is_users_mistake(std::string_view sqlstate) {
  if (sqlstate == lock_timeout) return false;
  static constexpr std::array<std::string_view, 7> classes = {"22", "23", "2B", "3D", "42", "55", "0L"};
  return std::any_of(classes.begin(), classes.end(), [&](auto prefix) { return sqlstate.starts_with(prefix); });
}

bool is_in_doubt(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("57") || sqlstate.starts_with("XX");
}

}  // namespace lakebase::emulator
