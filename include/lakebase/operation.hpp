#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>

#include <lakebase/export.hpp>
#include <lakebase/json.hpp>

namespace lakebase::inline v0 {

class Clock;

/// What `WaitOptions::on_poll` is told.
struct OperationProgress {
  /// Name of the operation.
  std::string_view name;
  /// How often the server has been asked during this wait, from 1.
  int polls = 0;
  /// Since the wait began.
  std::chrono::nanoseconds elapsed{};
  /// Whether it has ended.
  bool done = false;
};

/// How to wait for an operation.
struct WaitOptions {
  /// Gives up after this long with OperationTimeout; the operation goes on. Unset: waits for ever.
  std::optional<std::chrono::nanoseconds> timeout{};
  /// The first pause between two questions; later ones grow by half each time, with jitter, to 10 s.
  std::chrono::nanoseconds poll_interval = std::chrono::milliseconds{200};
  /// Ends the wait at once with Cancelled; the operation goes on.
  std::stop_token stop{};
  /// Called after each question, in the waiting thread.
  std::function<void(OperationProgress const&)> on_poll{};
};

namespace detail {

/// The server's last word on an operation.
struct OperationStatus {
  std::string name{};
  bool done = false;
  JsonText metadata{};
  JsonText response{};
  /// The JSON of the error where the operation failed.
  std::optional<JsonText> error{};
};

/// What operations of all types share. Copies share one state; safe to use from several threads.
class LAKEBASE_EXPORT OperationHandle {
 public:
  /// Asks the server once; `timeout` bounds the question.
  using Poll = std::function<OperationStatus(std::string const& name, std::optional<std::chrono::nanoseconds> timeout,
                                             std::stop_token stop)>;

  OperationHandle(OperationStatus first, Poll poll, std::shared_ptr<Clock> clock);

  std::string const& name() const noexcept;
  JsonText metadata() const;
  bool done() const;
  /// Waits for success and returns the response.
  JsonText wait(WaitOptions const& options) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace detail

/// A change that the service carries out in its own time. The call that returned it has been accepted; `wait` gives the
/// result. `T` is the resource (`void` for deletes and undeletes), `Metadata` what the service tells on the way.
///
/// Copies share one state and may be used from several threads. An operation that is let go goes on: keep `name()`, and
/// `PostgresClient::resume` picks it up, in another process if need be.
template <class T, class Metadata>
class Operation {
 public:
  /// What `wait` returns.
  using Result = T;

  /// Made by the calls that return operations.
  explicit Operation(detail::OperationHandle handle) : handle_(std::move(handle)) {}

  /// Resource name of the operation, e.g. `projects/p/operations/…`.
  std::string const& name() const noexcept { return handle_.name(); }

  /// What the service said of the operation last. Sends nothing.
  Metadata metadata() const {
    auto const text = handle_.metadata().text;
    return text.empty() ? Metadata{} : from_json<Metadata>(text);
  }

  /// Asks the service whether the operation has ended, well or badly. `GET /api/2.0/postgres/{name}`
  bool done() const { return handle_.done(); }

  /// Waits until the operation has ended and returns the result. Returns at once where it was known to be done.
  /// A failed question does not end the wait where it may be repeated.
  /// @throws OperationFailed, OperationTimeout, Cancelled, and what `get_operation` throws
  T wait(WaitOptions const& options = {}) const {
    auto const response = handle_.wait(options);
    if constexpr (!std::is_void_v<T>) return from_json<T>(response.text);
  }

 private:
  detail::OperationHandle handle_;
};

}  // namespace lakebase::inline v0
