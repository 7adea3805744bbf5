#pragma once

#include <string_view>

namespace lakebase::emulator {

/// The replication slot that holds the write-ahead log which the history of a branch needs.
inline constexpr std::string_view history_slot = "lakebase_history";

/// Makes it, unless it is there.
inline constexpr std::string_view history_slot_sql =
    "SELECT pg_create_physical_replication_slot('lakebase_history', true) "
    "WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'lakebase_history')";

}  // namespace lakebase::emulator
