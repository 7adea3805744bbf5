#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/export.hpp>
#include <lakebase/observer.hpp>

namespace lakebase {
inline namespace v0 {

/// What an event is about. Events nest as the work does: an `acquire` holds the `open` of a connection, that its
/// `connect`, that a `login` for each attempt, that a `mint`, that a `call`, and that its `attempt`s.
enum class EventKind {
  call,     ///< A call of the API, with all its attempts and pauses.
  attempt,  ///< One attempt of a call: rate limit, credentials, exchange.
  wait,     ///< A wait for an operation of the service; its polls are calls.
  mint,     ///< A new token: of the workspace, or for logins to a database.
  connect,  ///< A connection to a database, with all attempts and pauses.
  login,    ///< One attempt to connect: credentials, TLS, login.
  query,    ///< A statement or a pipeline. That of a stream ends with the stream.
  copy,     ///< A COPY, from its statement to its end.
  acquire,  ///< A connection of a pool is requested: until it is lent, or is not.
  open,     ///< A pool opens a connection and sets it up.
  release,  ///< A connection came back to its pool. Only `ended` is called; `duration` is how long it was lent.
  close,    ///< A pool has closed a connection; `reason` says why. Only `ended` is called.
};

/// The kind's own name, e.g. `call`.
[[nodiscard]] LAKEBASE_EXPORT std::string_view to_string(EventKind kind) noexcept;

/// What is known of an event. Facts that do not apply, or are not known yet, are empty, 0 or unset. All texts are valid
/// during the call of the observer only. Holds no token, no password, no header and no body, and no parameter or result
/// of SQL.
struct Event {
  /// What it is about.
  EventKind kind = EventKind::call;

  /// Of a call or an attempt: the HTTP method.
  std::string_view method{};
  /// Its path without host and query.
  std::string_view path{};
  /// The path with `{id}` for each id, for names of spans and for metrics; empty for `WorkspaceClient::call`.
  std::string_view url_template{};
  /// Status of the last response; 0 if there was none.
  int http_status = 0;
  /// Of the last response.
  std::string_view request_id{};

  /// Number of attempts so far, or of polls of a `wait`; of an `attempt` or a `login`: which one it is, from 1.
  int attempts = 0;
  /// Whether another attempt follows this one.
  bool will_retry = false;

  /// Host name of the workspace, or of the database.
  std::string_view server_address{};
  /// Port of it; 0 if it is not known.
  int server_port = 0;

  /// Name of the database in SQL.
  std::string_view database{};
  /// The first word of a statement in capitals, e.g. `SELECT`, if it is a command of SQL; `BATCH` for a pipeline.
  std::string_view operation{};
  /// Text of a statement that has parameters, with `$1` in their places; or of a prepared one. Only for observers with
  /// `wants_query_text`. A statement without parameters may hold any value, so that its text is never told.
  std::string_view query_text{};
  /// Number of statements in a pipeline of two or more; else 0.
  int batch_size = 0;
  /// Rows that came, or that a COPY carried.
  std::optional<std::uint64_t> rows{};
  /// SQLSTATE of a failure, five characters.
  std::string_view sqlstate{};

  /// `PoolOptions::name`; may be empty.
  std::string_view pool{};
  /// How long an `acquire` was queued, behind others or until a connection came back.
  std::chrono::nanoseconds queued{};
  /// Why a connection was closed: `idle_timeout`, `max_lifetime`, `server_gone` (found before it was lent),
  /// `check_interrupted` (by the deadline or stop of who asked for it), `broken` (when it came back), `discarded` or
  /// `pool_closed`.
  std::string_view reason{};

  /// Of a `mint`: the strategy, e.g. `oauth-m2m`, or `database-credential`. Of a `wait`: the operation's name.
  std::string_view subject{};

  /// When it has ended: how long it took, by the client's clock, or, for SQL, by the machine's.
  std::chrono::nanoseconds duration{};
  /// When it has failed: the status of the response (`503`), the SQLSTATE (`23505`), the kind of a TransportError
  /// (`timeout`), or the name of the exception (`lakebase::pq::PoolTimeout`). Empty if it has succeeded.
  std::string_view error_type{};

  /// Whether this ends in the thread where it began, and after all that began in it. Not so for streams and copies,
  /// which the program holds: they must not be a thread's current span.
  bool nests = true;
};

/// A fact of an event by its name in OpenTelemetry's semantic conventions.
struct EventAttribute {
  /// E.g. `http.request.method`; names that the conventions do not have begin with `lakebase.`
  std::string_view name{};
  /// The value; unless it is a number.
  std::string_view text{};
  /// The value of a number.
  std::optional<std::int64_t> number{};
};

/// The facts of the event that are known, without its duration. Texts are valid as long as those of the event.
[[nodiscard]] LAKEBASE_EXPORT std::vector<EventAttribute> attributes_of(Event const& event);

/// Is told of what the library does: for traces, metrics and logs. Set it as `Config::events`, for a client and for
/// what is made of it, or as `pq::ConnectionSource::events`.
///
/// Thread safety: implementations must be safe to use from several threads at once: they are called in the thread that
/// does the work, with no lock of the library held. That may be a pool's own thread, for connections that it closes.
/// Exceptions: what its functions throw is dropped.
/// Lifetime: clients, sources, pools and connections share ownership of their observer.
class LAKEBASE_EXPORT EventObserver {
 public:
  /// Anything that belongs to one event, such as its span.
  using Context = std::shared_ptr<void>;

  virtual ~EventObserver();

  /// Something begins. What this returns is handed back to `ended`, which is called for each event that has begun.
  virtual Context began(Event const& event);
  /// Something has ended, well or badly.
  virtual void ended(Event const& event, Context context) = 0;
  /// Whether events are to have `query_text`. Default: no.
  [[nodiscard]] virtual bool wants_query_text() const noexcept;
};

/// One observer that passes each event on to all of these, such as one for metrics and one for traces. Events end in
/// the reverse order. Has query texts for those only that want them.
[[nodiscard]] LAKEBASE_EXPORT std::shared_ptr<EventObserver> join_observers(
    std::vector<std::shared_ptr<EventObserver>> observers);

/// What `make_text_observer` writes, and where.
struct TextObserverOptions {
  /// Takes the lines: at `LogLevel::info`, or `LogLevel::warning` for what has failed. Default: `log_to_stderr()`.
  LogSink log{};
  /// Events that took less and succeeded are left out. Default: none are.
  std::chrono::nanoseconds least_duration{};
  /// Whether lines show `Event::query_text`.
  bool query_text = false;
};

/// An observer that writes a line for each event when it has ended: kind, duration and attributes.
///
///     query 1.042 ms db.system.name=postgresql db.namespace=shop db.operation.name=SELECT db.response.returned_rows=3
[[nodiscard]] LAKEBASE_EXPORT std::shared_ptr<EventObserver> make_text_observer(TextObserverOptions options = {});

}  // namespace v0
}  // namespace lakebase
