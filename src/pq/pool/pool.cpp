#include <lakebase/pq/pool.hpp>

#include <utility>

#include <lakebase/error.hpp>

#include "pq/pool/state.hpp"
#include "pq/session/connection_access.hpp"

// The public classes of a pool: Lease, and ConnectionPool over PoolState.

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

void end_loan(std::shared_ptr<detail::PoolState> share, detail::PooledPointer connection, bool discard) noexcept {
  auto& pool = *share;
  if (discard) {
    pool.discard(std::move(connection));
  } else {
    pool.give_back(std::move(connection), std::move(share));
  }
}

}  // namespace

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

Connection& Lease::lent() const {
  if (!connection_)
    throw InvalidArgument("the lease has ended: its connection was given back or moved to another lease");
  return connection_->connection;
}

Connection& Lease::operator*() const& {
  return lent();
}
Connection* Lease::operator->() const {
  return &lent();
}

void Lease::give_back() noexcept {
  end(false);
}
void Lease::discard() noexcept {
  end(true);
}

// If something that was made from the connection still lives, the lease ends when that is destroyed.
void Lease::end(bool discard) noexcept {
  if (!connection_) return;
  auto* const session = ConnectionAccess::session(connection_->connection);
  if (session != nullptr && !session->unshared()) {
    connection_->lender = std::move(pool_);
    session->leave_to_others([connection = connection_.release(), discard] {
      auto share = std::move(connection->lender);
      end_loan(std::move(share), detail::PooledPointer{connection}, discard);
    });
    return;
  }
  end_loan(std::move(pool_), std::move(connection_), discard);
}

detail::Session& Lease::session() const {
  auto* const session = ConnectionAccess::session(lent());
  if (session == nullptr) throw InvalidArgument("the connection was moved from or released");
  return *session;
}

pg_conn* Lease::lend() {
  if (!session().unshared()) throw InvalidArgument("a transaction, stream, copy or pipeline of this lease still lives");
  return session().release();
}

void Lease::take_back(pg_conn* connection) {
  session().adopt(connection);
}

ConnectionPool::ConnectionPool(ConnectionSource source, PoolOptions options)
    : state_(std::make_shared<detail::PoolState>(std::move(source), std::move(options))) {}

ConnectionPool::~ConnectionPool() {
  if (!state_) return;
  if (state_->in_own_process()) {
    state_->close({});
  } else {
    // The connections and the reaper belong to the parent: they are left alone, and their memory is leaked.
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
ConnectionSource const& ConnectionPool::source() const& noexcept {
  return state_->source;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
