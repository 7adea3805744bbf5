#include "pq/session/pg_facts.hpp"

#include <algorithm>
#include <cstdlib>

#include <lakebase/pq/recovery.hpp>

#include "base/ascii.hpp"
#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using lakebase::detail::is_digit;

std::string field(PGresult const* result, int code) {
  char const* const text = PQresultErrorField(result, code);
  return text == nullptr ? std::string{} : std::string{text};
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

// The text after `SEVERITY:  57P03: ` and up to the line that names a place in the server's source.
std::string_view after_code(std::string_view text, std::size_t code_at) {
  auto rest = text.substr(code_at + 7);
  auto const end = rest.find("\nLOCATION:");
  return rest.substr(0, end);
}

void complete(Failure& failure) {
  if (failure.facts.message.empty()) failure.facts.message = "neither the server nor libpq says what went wrong";
  failure.facts.error_code = failure.pg.sqlstate;
  auto const hint = hint_for(failure.pg.sqlstate, failure.facts.message);
  if (!hint.empty()) failure.facts.hint = hint;
}

}  // namespace

std::string clean(std::string_view text, std::string_view secret) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  std::string result{text};
  if (!secret.empty()) lakebase::detail::replace_all(result, secret, lakebase::detail::hidden);
  return result;
}

Failure failure_of(PGresult const* result, std::string const& host) {
  Failure failure;
  failure.pg.host = host;
  failure.pg.sqlstate = field(result, PG_DIAG_SQLSTATE);
  failure.pg.severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  failure.pg.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  failure.pg.context = field(result, PG_DIAG_CONTEXT);
  failure.pg.schema = field(result, PG_DIAG_SCHEMA_NAME);
  failure.pg.table = field(result, PG_DIAG_TABLE_NAME);
  failure.pg.column = field(result, PG_DIAG_COLUMN_NAME);
  failure.pg.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  failure.pg.routine = field(result, PG_DIAG_SOURCE_FUNCTION);
  failure.pg.position = std::atoi(field(result, PG_DIAG_STATEMENT_POSITION).c_str());
  failure.facts.message = clean(field(result, PG_DIAG_MESSAGE_PRIMARY));
  // A server's error may have an empty message (RAISE EXCEPTION ''); libpq's own errors have only a text.
  if (failure.facts.message.empty()) {
    failure.facts.message = failure.pg.sqlstate.empty() ? clean(PQresultErrorMessage(result)) : "(no message)";
  }
  failure.facts.hint = field(result, PG_DIAG_MESSAGE_HINT);
  complete(failure);
  return failure;
}

Failure failure_of_text(std::string_view text, std::string const& host) {
  Failure failure = failure_saying(clean(text), host);
  // Behind a proxy the severity may be any word, so this looks for `:  XXXXX: ` only. The last one belongs to the last
  // address.
  for (auto at = text.rfind(":  "); at != std::string_view::npos; at = at == 0 ? at : text.rfind(":  ", at - 1)) {
    if (is_sqlstate(text.substr(at + 3, 5)) && text.substr(at + 8, 2) == ": ") {
      failure.pg.sqlstate = text.substr(at + 3, 5);
      auto const before = text.substr(0, at);
      auto const word = before.find_last_of(" \n");
      failure.pg.severity = before.substr(word == std::string_view::npos ? 0 : word + 1);
      failure.facts.message = clean(after_code(text, at + 3));
      break;
    }
    if (at == 0) break;
  }
  complete(failure);
  return failure;
}

Failure failure_saying(std::string message, std::string const& host) {
  Failure failure;
  failure.pg.host = host;
  failure.facts.message = std::move(message);
  complete(failure);
  return failure;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
