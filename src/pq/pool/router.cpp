#include <lakebase/pq/router.hpp>

#include <algorithm>
#include <atomic>

#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>

#include "base/after.hpp"
#include "pq/login/instance_lookup.hpp"
#include "pq/login/source_clock.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {

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

using lakebase::detail::after;

ConnectionSource writing(ConnectionSource source) {
  // After a failover the old primary still responds; it must not be taken for the new one.
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

Router::Router(ConnectionSource write, std::optional<ConnectionSource> read, RouterOptions options) {
  auto clock = detail::clock_for(write, options.write.clock);
  state_.reset(new State{ConnectionPool{writing(std::move(write)), std::move(options.write)}, std::nullopt,
                         options.replica_timeout, options.replica_rest, std::move(clock)});
  if (read) state_->reader.emplace(std::move(*read), std::move(options.read));
}
Router::~Router() = default;

ConnectionPool& Router::writer() & noexcept {
  return state_->writer;
}
ConnectionPool* Router::reader() & noexcept {
  return state_->reader ? &*state_->reader : nullptr;
}
std::uint64_t Router::fallbacks() const noexcept {
  return state_->fallbacks;
}

std::optional<Router::Turn> Router::begin_turn(std::optional<std::chrono::nanoseconds> timeout,
                                               std::stop_token stop) const {
  auto const now = state_->clock->now();
  if (!state_->reader || ticks(now) < state_->rests_until) return std::nullopt;
  auto const most = state_->replica_timeout;
  auto const callers = timeout.value_or(std::chrono::nanoseconds::max());
  return Turn{.deadline = after(now, callers),
              .time = std::min(callers, most),
              .is_callers_time = timeout && callers <= most,
              .stop = std::move(stop)};
}

std::chrono::nanoseconds Router::left_of(Turn const& turn) const noexcept {
  return lakebase::detail::time_left(state_->clock->now(), turn.deadline);
}

bool Router::rest_replica_after(Error const& error, Turn const& turn) noexcept {
  if (turn.thrown_by_function || turn.stop.stop_requested()) return false;
  // Only if there is no connection, none in time, or no token for one. A statement that failed would fail elsewhere
  // too.
  if (!is_any_of<ConnectionError, PoolTimeout, AuthError, ApiError, TransportError>(error)) return false;
  auto const now = state_->clock->now();
  bool const out_of_time = is_any_of<PoolTimeout>(error) || now >= turn.deadline;
  if (turn.is_callers_time && out_of_time) return false;
  state_->rests_until = ticks(after(now, state_->replica_rest));
  ++state_->fallbacks;
  return true;
}

Lease Router::acquire(Intent intent, AcquireOptions const& options) {
  auto limits = options;
  if (intent == Intent::read_only) {
    if (auto const turn = begin_turn(options.timeout, options.stop)) {
      try {
        return state_->reader->acquire({.timeout = turn->time, .stop = options.stop});
      } catch (Error const& error) {
        if (!rest_replica_after(error, *turn)) throw;
      }
      if (limits.timeout) limits.timeout = left_of(*turn);
    }
  }
  return state_->writer.acquire(limits);
}

Router make_router(WorkspaceClient const& client, std::string_view target, SourceOptions const& source,
                   RouterOptions options) {
  SourceOptions wanted = source;
  wanted.intent = Intent::read_write;
  auto write = source_for(client, target, wanted);
  wanted.intent = Intent::read_only;
  // By the branch, so that a replica is found even if the target names the primary.
  auto const& writer = write.parameters.endpoint;
  auto read = detail::names_instance(writer)
                  ? source_for(client, writer, wanted)
                  : source_for(client, postgres::EndpointName::parse(writer).branch(), wanted);
  bool const same = read.parameters.host == write.parameters.host;
  return Router{std::move(write), same ? std::nullopt : std::optional{std::move(read)}, std::move(options)};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
