#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lakebase/export.hpp>
#include <lakebase/json.hpp>
#include <lakebase/wait_options.hpp>

namespace lakebase {
inline namespace v0 {

class Clock;
class EventObserver;

namespace detail {

/// What the server last reported about an operation.
struct OperationStatus {
  std::string name{};
  bool done = false;
  JsonText metadata{};
  JsonText response{};
  /// The JSON of the error if the operation failed.
  std::optional<JsonText> error{};
};

/// What a wait for an operation needs, besides its own options.
struct OperationSource {
  /// Polls once; `timeout` bounds the poll.
  using Poll = std::function<OperationStatus(std::string const& name, std::optional<std::chrono::nanoseconds> timeout,
                                             std::stop_token stop)>;

  Poll poll{};
  std::shared_ptr<Clock> clock{};
  WaitOptions defaults{};
  /// The client that can pick the operation up again, for hints: `w.postgres`. Empty: none can.
  std::string_view client{};
  /// What it means if polls find nothing any more; the operation has failed then. Empty: nothing is known.
  std::string_view gone{};
  /// Is told of waits; null: nobody is.
  std::shared_ptr<EventObserver> events{};
};

/// What operations of all types share. Copies share one state; safe to use from several threads.
class LAKEBASE_EXPORT OperationHandle {
 public:
  OperationHandle(OperationStatus first, OperationSource source);

  std::string const& name() const noexcept;
  JsonText metadata() const;
  bool done() const;
  /// Waits for success and returns the response.
  JsonText wait(WaitOptions const& options) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The resource in the response of an operation. Instantiated in the library for every model.
/// @throws OperationFailed if there is none
template <class T>
T decode_result(std::string_view response, std::string const& operation_name);

}  // namespace detail

/// A long-running change of the service. The call that returned it has been accepted; `wait` returns the result. `T` is
/// the resource (`void` for deletes and undeletes), `Metadata` what the service reports while it runs.
///
/// With using-directives for both `lakebase` and `lakebase::postgres`, `Operation` alone is ambiguous: the API has a
/// model of that name. Say `lakebase::Operation`, or the name that each call's operation has, e.g.
/// `CreateBranchOperation`.
///
/// Thread safety: safe to share between threads; copies share one state.
/// Exceptions: `done` and `wait` send requests and throw what they name; `metadata` throws ParseError.
/// Lifetime: independent of the client that returned it. Destroying the object does not cancel the operation: keep
/// `name()`, and `PostgresClient::resume` continues with it, in another process if need be.
template <class T, class Metadata>
class [[nodiscard]] Operation {
 public:
  /// What `wait` returns.
  using Result = T;

  /// Made by the calls that return operations.
  explicit Operation(detail::OperationHandle handle) : handle_(std::move(handle)) {}

  /// Resource name of the operation, e.g. `projects/p/operations/…`. Empty if the service did everything at once and
  /// responded with the resource itself, or, to a delete, with nothing: the operation is done then.
  [[nodiscard]] std::string const& name() const& noexcept { return handle_.name(); }
  /// The same of a temporary, as a string of its own.
  [[nodiscard]] std::string name() && { return handle_.name(); }

  /// What the service last reported about the operation. Sends nothing.
  [[nodiscard]] Metadata metadata() const {
    auto const text = handle_.metadata().text;
    return text.empty() ? Metadata{} : from_json<Metadata>(text);
  }

  /// Polls once: whether the operation has ended, in success or failure. By the request of its service, e.g.
  /// `GET /api/2.0/postgres/{name}`.
  /// A service that does not know an operation which was started less than 10 s ago is taken to lag behind, and the
  /// operation not to be done.
  /// @throws what `get_operation` throws; it says how to resume
  [[nodiscard]] bool done() const { return handle_.done(); }

  /// Waits until the operation has ended and returns the result. Returns at once if it is known to be done. What
  /// `options` leaves open comes from `Config::wait`.
  ///
  /// A poll that fails ends the wait only if the next one would fail as well: 5xx, a broken connection and, in the
  /// first 10 s, 404 are polled again for as long as the wait may take. An error that ends the wait while the operation
  /// goes on says so, and how to resume it.
  /// @throws OperationFailed if it failed, or ended without the expected result; OperationTimeout, Cancelled, and what
  ///         `get_operation` throws
  T wait(WaitOptions const& options = {}) const {
    auto const response = handle_.wait(options);
    if constexpr (!std::is_void_v<T>) return detail::decode_result<T>(response.text, name());
  }

 private:
  detail::OperationHandle handle_;
};

}  // namespace v0
}  // namespace lakebase
