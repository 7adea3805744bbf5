#include <lakebase/pq/pool.hpp>

#include <utility>

#include "pq/connection_access.hpp"
#include "pq/pool_state.hpp"

// What users see of a pool: the loan, and the face of PoolState.

namespace lakebase::inline v0::pq {

Lease::Lease(std::shared_ptr<detail::PoolState> pool, std::unique_ptr<detail::PooledConnection> connection) noexcept
    : pool_(std::move(pool)), connection_(std::move(connection)) {}
Lease::~Lease() {
  give_back();
}
Lease::Lease(Lease&& other) noexcept = default;
Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::move(other.pool_);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

Connection& Lease::operator*() const noexcept {
  return connection_->connection;
}
Connection* Lease::operator->() const noexcept {
  return &connection_->connection;
}

void Lease::give_back() noexcept {
  if (connection_) pool_->give_back(std::move(connection_));
}

void Lease::discard() noexcept {
  if (connection_) pool_->discard(std::move(connection_));
}

pg_conn* Lease::lend() {
  return ConnectionAccess::session(connection_->connection)->release();
}

void Lease::take_back(pg_conn* connection) {
  ConnectionAccess::session(connection_->connection)->adopt(connection);
}

ConnectionPool::ConnectionPool(ConnectionSource source, PoolOptions options)
    : state_(std::make_shared<detail::PoolState>(std::move(source), std::move(options))) {}

ConnectionPool::~ConnectionPool() {
  if (!state_) return;
  if (state_->fork_guard.same_process()) {
    state_->close({});
  } else {
    // The connections and the reaper belong to the parent: they are left alone, and so is the memory they are in.
    new std::shared_ptr<detail::PoolState>(std::move(state_));
  }
}

ConnectionPool::ConnectionPool(ConnectionPool&&) noexcept = default;

Lease ConnectionPool::acquire(AcquireOptions const& options) {
  return state_->acquire(options);
}
void ConnectionPool::close_expired() {
  state_->close_expired();
}

bool ConnectionPool::close(std::chrono::nanoseconds timeout) {
  state_->require_own_process();
  return state_->close(timeout);
}

PoolStatistics ConnectionPool::statistics() const {
  return state_->statistics();
}
ConnectionSource const& ConnectionPool::source() const noexcept {
  return state_->source;
}

}  // namespace lakebase::inline v0::pq
