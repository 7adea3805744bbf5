#include "pq/pool/open.hpp"

#include <algorithm>
#include <utility>

#include "base/after.hpp"
#include "base/random.hpp"
#include "pq/pool/idle_set.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

// Passes on a stop request of either of two tokens.
class EitherStop {
 public:
  EitherStop(std::stop_token const& one, std::stop_token const& other)
      : from_one_(one, Forward{&source_}), from_other_(other, Forward{&source_}) {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  struct Forward {
    std::stop_source* to;
    void operator()() const { to->request_stop(); }
  };
  std::stop_source source_{};
  std::stop_callback<Forward> from_one_;
  std::stop_callback<Forward> from_other_;
};

}  // namespace

PooledPointer open_connection(ConnectionSource const& source, PoolOptions const& options,
                              std::shared_ptr<Clock> const& clock, OpenLimits const& limits,
                              std::function<bool()> const& others_open) {
  EitherStop const stop{limits.stop, limits.closing};
  auto how = options.connect;
  how.stop = stop.token();
  how.timeout = std::min(how.timeout, lakebase::detail::time_left(clock->now(), limits.deadline));
  if (!how.clock) how.clock = clock;
  how.on_attempt = [&](ConnectAttempt const& attempt) {
    if (options.connect.on_attempt) options.connect.on_attempt(attempt);
    if (attempt.recovery == ConnectRecovery::retry_slowly && others_open()) throw Crowded{attempt};
  };
  auto connection = connect(source, how);
  if (options.on_connect) options.on_connect(connection);
  auto const now = clock->now();
  return std::make_unique<PooledConnection>(PooledConnection{
      std::move(connection), end_of_life(now, options.max_lifetime, lakebase::detail::random_fraction()), now, now, now,
      0, nullptr});
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
