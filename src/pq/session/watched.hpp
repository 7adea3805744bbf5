#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lakebase/pq/result.hpp>

#include "base/events/watch.hpp"
#include "pq/session/session.hpp"

// Statements as events: without an observer, a test of a pointer each.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// What is told of a statement.
struct WatchedStatement {
  /// Its text; only the command in it is told.
  std::string_view sql{};
  /// Whether all of the text may be told: its values are in parameters.
  bool parametrised = false;
  EventKind kind = EventKind::query;
  /// Instead of the command in `sql`.
  std::string_view operation{};
  int batch_size = 0;
  std::optional<std::uint64_t> rows{};
  bool nests = true;
};

/// The SQL behind spaces and comments; empty if a comment does not end.
std::string_view without_blank(std::string_view sql) noexcept;

/// The first word of a statement in capitals, if it is a command of PostgreSQL's; else empty. Any other word could be
/// somebody's data.
std::string_view command_of(std::string_view sql) noexcept;

/// The event of a statement on that session.
Event event_of(Session const& session, WatchedStatement const& statement) noexcept;

/// The text of the prepared statement of that name, if somebody is to be told of it; else empty.
std::string prepared_text(Session& session, std::string const& name);

/// Does `work()`, which runs the statement, and tells the session's observer of it.
template <class Work>
auto watched(Session& session, WatchedStatement statement, Work&& work) {
  if (session.events() == nullptr) return work();
  return lakebase::detail::watch(
      session.events(), nullptr, [&] { return event_of(session, statement); },
      [&] {
        if constexpr (std::is_same_v<decltype(work()), Result>) {
          auto result = work();
          statement.rows = result.size();
          return result;
        } else {
          return work();
        }
      });
}

/// A statement that goes on while the program holds what was made of it: a stream, or a COPY. Ends with it at the
/// latest.
class OpenStatement {
 public:
  OpenStatement() = default;
  ~OpenStatement() { end(); }
  OpenStatement(OpenStatement const&) = delete;
  OpenStatement& operator=(OpenStatement const&) = delete;

  /// Tells of the begin, and does `start()`, which sends the statement. The session must outlive this.
  template <class Start>
  void begin(Session& session, WatchedStatement const& statement, Start&& start) {
    if (session.events() == nullptr) return start();
    tell_begin(session, statement);
    try {
      start();
    } catch (...) {
      fail();
      throw;
    }
  }
  void end() noexcept;
  void end_with(std::uint64_t rows) noexcept;
  /// It has failed by the exception that is being handled.
  void fail() noexcept;

 private:
  void tell_begin(Session& session, WatchedStatement const& statement);

  Session* session_ = nullptr;  // null: nobody is told
  std::string sql_{};
  WatchedStatement statement_{};
  lakebase::detail::OpenEvent event_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
