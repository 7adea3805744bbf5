#include <lakebase/pq/router.hpp>

#include <algorithm>
#include <atomic>

#include <lakebase/error.hpp>

#include "base/after.hpp"

namespace lakebase::inline v0::pq {

struct Router::State {
  ConnectionPool writer;
  std::optional<ConnectionPool> reader;
  std::chrono::nanoseconds replica_timeout;
  std::chrono::nanoseconds replica_rest;
  std::shared_ptr<Clock> clock;
  std::atomic<std::int64_t> rests_until{0};
  std::atomic<std::uint64_t> fallbacks{0};
};

namespace {

ConnectionSource writing(ConnectionSource source) {
  // The old primary after a failover still answers; it must not be taken for the new one.
  source.parameters.session = SessionKind::read_write;
  return source;
}

template <class... Kinds>
bool is_any_of(Error const& error) noexcept {
  return (... || (dynamic_cast<Kinds const*>(&error) != nullptr));
}

std::int64_t ticks(std::chrono::steady_clock::time_point moment) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count();
}

}  // namespace

Router::Router(ConnectionSource write, std::optional<ConnectionSource> read, RouterOptions options)
    : state_(new State{ConnectionPool{writing(std::move(write)), options.write}, std::nullopt, options.replica_timeout,
                       options.replica_rest, options.write.clock ? options.write.clock : make_system_clock()}) {
  if (read) state_->reader.emplace(std::move(*read), options.read);
}
Router::~Router() = default;

ConnectionPool& Router::writer() noexcept {
  return state_->writer;
}
ConnectionPool* Router::reader() noexcept {
  return state_->reader ? &*state_->reader : nullptr;
}
std::uint64_t Router::fallbacks() const noexcept {
  return state_->fallbacks;
}
std::chrono::nanoseconds Router::replica_timeout() const noexcept {
  return state_->replica_timeout;
}

bool Router::replica_usable() const noexcept {
  return state_->reader.has_value() && ticks(state_->clock->now()) >= state_->rests_until;
}

bool Router::rest_replica_after(Error const& error) noexcept {
  // No connection, or none in time, or no token for one. What a statement did wrong it would do wrong elsewhere too.
  if (!is_any_of<ConnectionError, PoolTimeout, AuthError, ApiError, TransportError>(error)) return false;
  state_->rests_until = ticks(lakebase::detail::after(state_->clock->now(), state_->replica_rest));
  ++state_->fallbacks;
  return true;
}

Lease Router::acquire(Intent intent, AcquireOptions const& options) {
  if (intent == Intent::read_only && replica_usable()) {
    AcquireOptions brief = options;
    brief.timeout = std::min(options.timeout.value_or(state_->replica_timeout), state_->replica_timeout);
    try {
      return state_->reader->acquire(brief);
    } catch (Error const& error) {
      if (!rest_replica_after(error)) throw;
    }
  }
  return state_->writer.acquire(options);
}

Router make_router(WorkspaceClient const& client, std::string_view target, SourceOptions const& source,
                   RouterOptions options) {
  SourceOptions wanted = source;
  wanted.intent = Intent::read_write;
  auto write = source_for(client, target, wanted);
  wanted.intent = Intent::read_only;
  // By the branch, so that a replica is found although the target may name the primary.
  auto const branch = write.parameters.endpoint.substr(0, write.parameters.endpoint.find("/endpoints/"));
  auto read = source_for(client, branch, wanted);
  bool const same = read.parameters.host == write.parameters.host;
  return Router{std::move(write), same ? std::nullopt : std::optional{std::move(read)}, std::move(options)};
}

}  // namespace lakebase::inline v0::pq
