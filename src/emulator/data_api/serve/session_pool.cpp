#include "data_api/serve/session_pool.hpp"

#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api {

namespace {

// DISCARD ALL cannot be one of several, and would end the listening and what is kept prepared. A session in which a
// function has prepared a statement fails, and is dropped.
constexpr char const* sql_to_reset =
    "CLOSE ALL; RESET ALL; RESET ROLE; DISCARD TEMP; DISCARD SEQUENCES; LISTEN pgrst; "
    "SELECT 1 / (count(*) = 0)::int FROM pg_catalog.pg_prepared_statements WHERE from_sql";

}  // namespace

SessionPool::Lease SessionPool::lend(std::function<void()> const& told) {
  {
    std::unique_lock lock{mutex_};
    if (!returned_.wait_for(lock, patience_, [&] { return lent_ < most_; })) {
      throw ApiError{504, "PGRST003", "Timed out acquiring connection from connection pool."};
    }
    ++lent_;
  }
  try {
    auto session = take_idle(told);
    if (!session) {
      session = open_();
      session->query("LISTEN pgrst");
    }
    return {*this, std::move(session)};
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

// One that has ended meanwhile, as when its server slept, is dropped.
std::unique_ptr<DatabaseSession> SessionPool::take_idle(std::function<void()> const& told) {
  for (;;) {
    std::unique_ptr<DatabaseSession> session;
    {
      std::lock_guard const lock{mutex_};
      if (idle_.empty()) {
        // With nobody listening, a change may have gone unheard.
        if (lent_ == 1) told();
        return nullptr;
      }
      session = std::move(idle_.back());
      idle_.pop_back();
    }
    try {
      if (!session->notifications().empty()) told();
      return session;
    } catch (DataPlaneError const&) {
      continue;
    }
  }
}

void SessionPool::give_back(std::unique_ptr<DatabaseSession> session) {
  // What a function left in the session. The next request finds that done; this one does not wait for it.
  if (session) session->post(sql_to_reset);
  {
    std::lock_guard const lock{mutex_};
    --lent_;
    if (session) idle_.push_back(std::move(session));
  }
  returned_.notify_one();
}

}  // namespace lakebase::emulator::data_api
