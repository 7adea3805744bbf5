// How computes take each other's place.

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "data_plane/server/compute.hpp"
#include "data_plane/server/history_slot.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

constexpr auto promotion_limit = 30s;
constexpr auto receiver_limit = 500ms;
constexpr auto succession_pause = 2ms;

}  // namespace

void Compute::guard(bool on) {
  Lock lock{mutex_};
  notice_death(lock);
  guarded_ = on;
}

bool Compute::waits_for_successor() const {
  Lock lock{mutex_};
  notice_death(lock);
  return waits_for_successor_ && !closed_;
}

void Compute::make_way(char const* reason) {
  Lock lock{mutex_};
  await_rest(lock);
  waits_for_successor_ = true;
  start_wanted_ = false;
  if (phase_ == Phase::running) return stop(lock, reason);
  leave(Phase::stopping);
  lock.unlock();
  // Its processes could still confirm a commit.
  parts_.server->kill();
  lock.lock();
  leave(Phase::stopped);
}

void Compute::go_on() {
  Lock lock{mutex_};
  guarded_ = false;
  waits_for_successor_ = false;
  changed_.notify_all();
}

/// A client that lost a COMMIT may ask what became of the transaction's id. A server that is gone may have given ids
/// away of which nobody else knows: they must not become those of others.
void Compute::use_up_transaction_ids(SqlSession& session) {
  session.query(R"(BEGIN;
DO $$BEGIN
  FOR id IN 1..1024 LOOP
    BEGIN
      PERFORM pg_catalog.pg_logical_emit_message(true, 'lakebase', '');
    EXCEPTION WHEN division_by_zero THEN
    END;
  END LOOP;
END$$;
ROLLBACK)");
}

void Compute::promote() {
  Use use{*this, true};
  auto session = parts_.server->session();
  session.query("SELECT pg_promote(false)");
  auto const limit = std::chrono::steady_clock::now() + promotion_limit;
  while (session.query("SELECT pg_is_in_recovery()").at(0).at(0) == "t") {
    if (std::chrono::steady_clock::now() > limit)
      throw DataPlaneError("PostgreSQL takes too long to promote a standby");
    std::this_thread::sleep_for(succession_pause);
  }
  use_up_transaction_ids(session);
  session.query(history_slot_sql);
  settled_ = true;
  session.query(end_client_sessions_sql());
}

std::uint64_t Compute::received() noexcept try {
  auto session = parts_.server->session();
  // What it gets while it ends is on the disk then, and confirmed.
  auto const limit = std::chrono::steady_clock::now() + receiver_limit;
  while (!session.query("SELECT FROM pg_stat_wal_receiver").empty() && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(succession_pause);
  }
  auto const row = session.query("SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()").at(0);
  return std::max(parse_lsn(row.at(0)).value_or(0), parse_lsn(row.at(1)).value_or(0));
} catch (std::exception const& error) {
  parts_.log(fmt::format("{}: cannot tell what it has received: {}", parts_.name, error.what()));
  return 0;
}

bool Compute::follows_within(std::chrono::nanoseconds limit) noexcept try {
  auto session = parts_.server->session();
  auto const end = std::chrono::steady_clock::now() + limit;
  while (session.query("SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'").empty()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(succession_pause);
  }
  return true;
} catch (std::exception const&) {
  return false;
}

}  // namespace lakebase::emulator
