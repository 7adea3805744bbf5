#include <lakebase/error.hpp>
#include <lakebase/pq/recovery.hpp>

#include "pq/session/session.hpp"
#include "pq/session/throw_failure.hpp"

// The failures of a session, as exceptions.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

void Session::throw_broken() {
  // The session was already lost, so nothing was sent.
  throw ConnectionError{false, broken_->pg(), broken_->facts()};
}

void Session::throw_not_sent() {
  auto failure = failure_of_link();
  if (busy()) failure.facts.hint = "End the stream or COPY that is under way first, or use another connection";
  if (PQstatus(native()) == CONNECTION_OK) throw PgError{std::move(failure.pg), std::move(failure.facts)};
  give_up(std::move(failure), false);
  throw_broken();
}

void Session::throw_interrupted(StatementWait const& wait, Failure failure) {
  std::string const and_session = broken_ ? ", and its session with it" : "";
  switch (wait.interrupted()) {
    case StatementWait::Interrupted::by_stop:
      throw Cancelled("a stop request ended a statement" + and_session);
    case StatementWait::Interrupted::by_misuse:
      throw InvalidArgument("use copy_out for this statement, which was ended" + and_session);
    case StatementWait::Interrupted::by_timeout:
      break;
    case StatementWait::Interrupted::no:
      throw ConnectionError{*broken_};
  }
  failure.pg.host = host_;
  failure.facts.message = broken_ ? "a statement did not end in time, nor did it react to a cancel request"
                                  : "a statement did not end in time and was cancelled";
  failure.facts.hint = "The bound was the program's own, StatementOptions::timeout, not the server's statement_timeout";
  throw StatementTimeout{std::move(failure.pg), std::move(failure.facts)};
}

// A failure of the statement, or of the session: as long as the link is up and the server has not ended it, the session
// is not lost, whatever the SQLSTATE says.
void Session::throw_error(PGresult const* result, StatementWait const& wait) {
  if (!broken_ && (PQstatus(native()) != CONNECTION_OK || ends_session(result))) {
    give_up(failure_of(result, host_), true);
  }
  if (broken_) throw ConnectionError{*broken_};
  auto failure = failure_of(result, host_);
  bool const asked = wait.interrupted() == StatementWait::Interrupted::by_stop ||
                     wait.interrupted() == StatementWait::Interrupted::by_timeout;
  if (asked && failure.pg.sqlstate == "57014") throw_interrupted(wait, std::move(failure));
  auto const recovery = classify_statement(failure.pg.sqlstate, false);
  failure.facts.retryable =
      recovery == StatementRecovery::replay || (recovery == StatementRecovery::reroute && !writes_elsewhere());
  if (recovery == StatementRecovery::reroute) explain_read_only(failure);
  throw_failure(std::move(failure));
}

// From PostgreSQL 14 on the server reports settings that hint_for cannot know.
void Session::explain_read_only(Failure& failure) const {
  if (parameter_is("in_hot_standby", "on")) {
    failure.facts.hint = "This server is a replica, which only reads: write to the read-write endpoint";
  } else if (writes_elsewhere()) {
    failure.facts.hint =
        "The transaction is read-only, not the server: it was begun so (BEGIN READ ONLY) or set so (SET TRANSACTION "
        "READ "
        "ONLY)";
  } else if (parameter_is("default_transaction_read_only", "on")) {
    failure.facts.hint =
        "default_transaction_read_only is on here: by a setting of the session, the role or the database, or on a "
        "primary before a failover";
  }
}

bool Session::parameter_is(char const* name, std::string_view wanted) const noexcept {
  char const* const value = PQparameterStatus(native(), name);
  return value != nullptr && value == wanted;
}

// Whether another server might accept the write. If this one reports that it is writable, the transaction is read-only,
// and it would be so on any other server too.
bool Session::writes_elsewhere() const noexcept {
  return parameter_is("in_hot_standby", "off") && parameter_is("default_transaction_read_only", "off");
}

// libpq drops a result that it cannot read, e.g. a description of more columns than it has names for, while the server
// goes on as if nothing had happened.
Failure no_result(std::string const& host) {
  return failure_saying("the server ended a statement without a result", host);
}

void Session::throw_no_result() {
  auto failure = no_result(host_);
  give_up(failure, true);
  throw PgError{std::move(failure.pg), std::move(failure.facts)};
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
