// What a compute does with the write-ahead log of its data, for the history of the branch.

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "data_plane/history/recovery_layout_posix.hpp"
#include "data_plane/server/compute.hpp"
#include "data_plane/server/history_slot.hpp"

namespace lakebase::emulator {
namespace {

/// The log goes with a checkpoint, which is not made without need.
constexpr std::string_view advance_slot =
    "SELECT pg_replication_slot_advance(slot_name, {0}) FROM pg_replication_slots "
    "WHERE slot_name = {1} AND restart_lsn < {0}::pg_lsn";

/// The record of a transaction is on the disk when it has committed, and with it all in front of it.
constexpr std::string_view commit_something = "SELECT pg_logical_emit_message(true, 'lakebase', '')";

}  // namespace

void Compute::trim_log(std::uint64_t lsn, RunAs const& owner) {
  bool rests = false;
  while_stopped([&] {
    auto const& data = parts_.server->places().data;
    trim_resting_log(data, control_file_of(data, owner), lsn, owner);
    rests = true;
  });
  if (rests || !running()) return;
  Use use{*this, true};
  SqlSession advancing = parts_.server->session();
  auto const moved =
      advancing.query(fmt::format(advance_slot, quote_literal(lsn_text(lsn)), quote_literal(history_slot)));
  if (!moved.empty()) advancing.query("CHECKPOINT");
}

void Compute::flush_log() {
  if (!running()) return;
  try {
    Use use{*this};
    parts_.server->session().query(commit_something);
  } catch (DataPlaneError const&) {
    if (running()) throw;  // Else it has just stopped, and written all.
  }
}

}  // namespace lakebase::emulator
