#include "pq/session/dial.hpp"

#include <new>

#include <libpq-fe.h>
#include <lakebase/error.hpp>

#include "pq/login/libpq_keywords.hpp"
#include "pq/session/cancel_key_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;

ConnectionParameters with_addresses(Dial const& what) {
  auto parameters = what.parameters;
  for (auto const& address : what.addresses) {
    parameters.hostaddr += (parameters.hostaddr.empty() ? "" : ",") + address;
  }
  return parameters;
}

Handle start(Dial const& what) {
  auto const conninfo = dial_string(with_addresses(what), what.secret.password, what.secret.is_token);
  Handle handle{PQconnectStart(conninfo.c_str()), &PQfinish};
  if (!handle) throw std::bad_alloc{};
  // There is no PGresult for a failed login: only a verbose text carries its SQLSTATE.
  PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(
      handle.get(), [](void*, PGresult const*) {}, nullptr);
  return handle;
}

Failure failure_of_login(PGconn* connection, Dial const& what) {
  auto const text = clean(PQerrorMessage(connection), what.secret.password);
  return failure_of_text(text.empty() ? "server closed the connection unexpectedly" : text, what.parameters.host);
}

}  // namespace

Dialled dial(Dial const& what) {
  Handle handle = start(what);
  CancelKeyTap tap{handle.get()};
  Dialled result;
  SocketWaiter waiter;
  auto next = PGRES_POLLING_WRITING;
  while (PQstatus(handle.get()) != CONNECTION_BAD && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
    bool const writing = next == PGRES_POLLING_WRITING;
    auto const outcome =
        waiter.wait(PQsocket(handle.get()), {.read = !writing, .write = writing}, what.deadline, what.stop);
    if (outcome == Readiness::stopped) throw Cancelled("connecting to " + what.parameters.host + " was stopped");
    if (outcome == Readiness::timeout) {
      result.failure = failure_saying("timeout expired", what.parameters.host);
      return result;
    }
    next = PQconnectPoll(handle.get());
    // The server of a proof by SCRAM says how long libpq computes it, which nothing could end then.
    if (what.secret.is_token && tap.heard_another_proof(what.secret.password)) {
      result.failure = failure_saying("the server asks to prove the token in another way than as a cleartext password",
                                      what.parameters.host);
      return result;
    }
  }
  if (PQstatus(handle.get()) == CONNECTION_OK) {
    auto const key = tap.take();
    result.session = std::make_unique<Session>(handle.release(), what.parameters.host, what.on_notice, key);
    return result;
  }
  result.password_sent = PQconnectionUsedPassword(handle.get()) != 0;
  result.failure = failure_of_login(handle.get(), what);
  return result;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
