#include "pq/session/watched.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <libpq-fe.h>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using lakebase::detail::is_alpha;
using lakebase::detail::is_space;

constexpr std::string_view commands[] = {
    "ABORT",  "ALTER",    "ANALYZE",  "BEGIN",     "CALL",     "CHECKPOINT", "CLOSE",   "CLUSTER", "COMMENT",
    "COMMIT", "COPY",     "CREATE",   "DECLARE",   "DELETE",   "DEALLOCATE", "DISCARD", "DO",      "DROP",
    "END",    "EXECUTE",  "EXPLAIN",  "FETCH",     "GRANT",    "IMPORT",     "INSERT",  "LISTEN",  "LOAD",
    "LOCK",   "MERGE",    "MOVE",     "NOTIFY",    "PREPARE",  "REASSIGN",   "REFRESH", "REINDEX", "RELEASE",
    "RESET",  "REVOKE",   "ROLLBACK", "SAVEPOINT", "SECURITY", "SELECT",     "SET",     "SHOW",    "START",
    "TABLE",  "TRUNCATE", "UNLISTEN", "UPDATE",    "VACUUM",   "VALUES",     "WITH",
};

// The text behind spaces, opening brackets and comments.
std::string_view without_preamble(std::string_view sql) {
  sql = without_blank(sql);
  while (sql.starts_with('(') || sql.starts_with(';')) sql = without_blank(sql.substr(1));
  return sql;
}

int port_of(PGconn const* connection) {
  char const* const text = PQport(connection);
  int port = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), port);
  return port;
}

std::string_view database_of(PGconn const* connection) {
  char const* const name = PQdb(connection);
  return name == nullptr ? std::string_view{} : std::string_view{name};
}

}  // namespace

std::string_view without_blank(std::string_view sql) noexcept {
  for (;;) {
    while (!sql.empty() && is_space(sql.front())) sql.remove_prefix(1);
    if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      sql.remove_prefix(std::min(sql.find("*/", 2), sql.size() - 2) + 2);
    } else {
      return sql;
    }
  }
}

std::string_view command_of(std::string_view sql) noexcept {
  auto const text = without_preamble(sql);
  auto const end = std::find_if_not(text.begin(), text.end(), is_alpha);
  auto const word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  for (auto const command : commands) {
    if (lakebase::detail::equal_ignoring_case(command, word)) return command;
  }
  return {};
}

Event event_of(Session const& session, WatchedStatement const& statement) noexcept {
  Event event{.kind = statement.kind,
              .server_address = session.host(),
              .operation = statement.operation.empty() ? command_of(statement.sql) : statement.operation,
              .batch_size = statement.batch_size,
              .rows = statement.rows,
              .nests = statement.nests};
  if (auto const* const connection = session.native(); connection != nullptr) {
    event.server_port = port_of(connection);
    event.database = database_of(connection);
  }
  bool const may_tell = statement.parametrised && session.events() != nullptr;
  if (may_tell && session.events()->wants_query_text()) event.query_text = statement.sql;
  return event;
}

std::string prepared_text(Session& session, std::string const& name) {
  if (session.events() == nullptr) return {};
  auto const* const known = session.prepared().find(name);
  return known == nullptr ? std::string{} : known->text;
}

void OpenStatement::tell_begin(Session& session, WatchedStatement const& statement) {
  statement_ = statement;
  statement_.nests = false;
  sql_ = statement.sql;
  statement_.sql = sql_;
  session_ = &session;
  event_ = lakebase::detail::OpenEvent{*session.events(), nullptr, event_of(session, statement_)};
}

void OpenStatement::end() noexcept {
  if (event_) event_.end(event_of(*session_, statement_));
}

void OpenStatement::end_with(std::uint64_t rows) noexcept {
  statement_.rows = rows;
  end();
}

void OpenStatement::fail() noexcept {
  if (event_) event_.fail(event_of(*session_, statement_), std::current_exception());
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
