#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/statements.hpp>
#include <lakebase/pq/transaction.hpp>

struct pg_conn;

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What NOTIFY sent.
struct Notification {
  /// The channel, as it was named to NOTIFY.
  std::string channel{};
  /// What came with it; may be empty.
  std::string payload{};
  /// Process id of the session that sent it.
  int backend_pid = 0;
};

/// Outcome of a transaction whose COMMIT was lost.
enum class CommitOutcome {
  committed,
  aborted,
  in_progress,  ///< Still running: call `settle` again.
  unknown,      ///< The server does not keep it any more, or the transaction's id is not known.
};

/// A session with PostgreSQL, made by `connect`. All waits end at a deadline or a stop request.
///
/// Thread safety: for one thread at a time.
/// Exceptions: as the calls of Statements. After ConnectionError it cannot be used any more: take a new one, which gets
/// a fresh token.
/// Lifetime: the session is closed when the connection and all that was made from it are destroyed.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Connection : public Statements {
 public:
  /// Takes over an open connection of libpq; `host` is for error messages. Before libpq 17 a statement on it cannot be
  /// cancelled, as the key for that is known to the login only: a bound that is hit closes the connection at once.
  /// @throws InvalidArgument if it is null
  explicit Connection(pg_conn* connection, std::string host = {});
  ~Connection();
  /// The other one may only be assigned to or destroyed afterwards.
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// Begins a transaction.
  Transaction begin(TransactionOptions const& options = {}, StatementOptions const& statement_options = {});
  /// Runs `function(Transaction&)` in a transaction, commits, and returns the value that the function returned; an
  /// exception rolls back. Never repeats: `ConnectionPool::run` does.
  template <class Function>
  auto transact(Function&& function, TransactionOptions const& options = {}) {
    static_assert(std::invocable<Function, Transaction&>,
                  "transact calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }");
    Transaction transaction = begin(options);
    if constexpr (!std::invocable<Function, Transaction&>) {
      return detail::Anything{};
    } else if constexpr (std::is_void_v<std::invoke_result_t<Function, Transaction&>>) {
      std::forward<Function>(function)(transaction);
      transaction.commit();
    } else {
      using Returned = std::invoke_result_t<Function, Transaction&>;
      detail::require_outliving<Returned>();
      if constexpr (detail::outlives_transaction<Returned>) {
        auto result = std::forward<Function>(function)(transaction);
        transaction.commit();
        return result;
      } else {
        return detail::Anything{};
      }
    }
  }

  /// Subscribes this session to a channel.
  void listen(std::string_view channel, StatementOptions const& options = {});
  /// Ends `listen`.
  void unlisten(std::string_view channel, StatementOptions const& options = {});
  /// Waits for a notification; none if the timeout passed first. What came before the session was lost is still given.
  /// To be subscribed across sessions, use a Listener.
  /// @throws ConnectionError, Cancelled
  [[nodiscard]] std::optional<Notification> wait_notification(StatementOptions const& options = {});

  /// Whether the session is usable as far as this side can tell without a request: reads what the server has sent
  /// since, e.g. that it shut down. Sends nothing, so that it keeps no endpoint awake; costs one system call.
  [[nodiscard]] bool alive() noexcept;
  /// The error that made the session unusable; none while it is usable.
  [[nodiscard]] std::optional<ConnectionError> broken() const;

  /// Name of the host that was connected to.
  [[nodiscard]] std::string const& host() const& noexcept;
  /// The same of a temporary, as a text of its own.
  [[nodiscard]] std::string host() const&& { return host(); }
  /// Process id of the server's side.
  [[nodiscard]] int backend_pid() const noexcept;
  /// E.g. 170002.
  [[nodiscard]] int server_version() const noexcept;
  /// `server_version`, `TimeZone` and other parameters that the server reports; none for others.
  [[nodiscard]] std::optional<std::string> parameter(std::string const& name) const;

  /// libpq's own handle; still owned by this object. It is in non-blocking mode.
  [[nodiscard]] pg_conn* native() const& noexcept;
  pg_conn* native() const&& = delete;  // would dangle: keep the Connection in a variable first, or use release
  /// Hands libpq's handle over, in blocking mode, for PQfinish or another library. This object is empty afterwards.
  [[nodiscard]] pg_conn* release() noexcept;

 private:
  friend class ConnectionAccess;
  explicit Connection(detail::SessionHold session) noexcept;
};

/// Asks for the outcome of a transaction, over a new connection to the same database.
[[nodiscard]] LAKEBASE_PQ_EXPORT CommitOutcome settle(Connection& connection, CommitUnknown const& in_doubt,
                                                      StatementOptions const& options = {});

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
