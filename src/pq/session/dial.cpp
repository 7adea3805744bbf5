#include "pq/session/dial.hpp"

#include <new>

#include <libpq-fe.h>
#include <lakebase/error.hpp>

#include "pq/login/libpq_keywords.hpp"
#include "pq/session/drive.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

ConnectionParameters with_addresses(Dial const& what) {
  auto parameters = what.parameters;
  for (auto const& address : what.addresses) {
    parameters.hostaddr += (parameters.hostaddr.empty() ? "" : ",") + address;
  }
  return parameters;
}

Failure failure_of_login(PGconn* connection, Dial const& what) {
  auto const text = clean(PQerrorMessage(connection), what.secret.password);
  return failure_of_text(text.empty() ? "server closed the connection unexpectedly" : text, what.parameters.host);
}

}  // namespace

DialStep::Handle DialStep::start(Dial const& what) {
  auto const conninfo = dial_string(with_addresses(what), what.secret.password, what.secret.is_token);
  Handle handle{PQconnectStart(conninfo.c_str()), &PQfinish};
  if (!handle) throw std::bad_alloc{};
  // There is no PGresult for a failed login: only a verbose text carries its SQLSTATE.
  PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(
      handle.get(), [](void*, PGresult const*) {}, nullptr);
  return handle;
}

DialStep::DialStep(Dial what) : what_(std::move(what)), handle_(start(what_)), tap_(handle_.get()) {}

std::optional<Wait> DialStep::next(Woken woken) {
  result_.stopped = woken.by == Readiness::stopped;
  if (result_.stopped) return std::nullopt;
  if (woken.by == Readiness::timeout) return fail("timeout expired");
  if (std::exchange(begun_, true)) wanted_ = PQconnectPoll(handle_.get());
  // With SCRAM the server decides how long libpq computes the proof, which nothing could interrupt.
  if (what_.secret.is_token && tap_.heard_another_proof(what_.secret.password)) {
    return fail("the server asks to prove the token in another way than as a cleartext password");
  }
  if (ended()) return finish();
  bool const writing = wanted_ == PGRES_POLLING_WRITING;
  return Wait{.socket = PQsocket(handle_.get()),
              .read = !writing,
              .write = writing,
              .until = what_.deadline,
              .stoppable = true};
}

bool DialStep::ended() const {
  return wanted_ == PGRES_POLLING_OK || wanted_ == PGRES_POLLING_FAILED || PQstatus(handle_.get()) == CONNECTION_BAD;
}

std::nullopt_t DialStep::fail(std::string message) {
  result_.failure = failure_saying(std::move(message), what_.parameters.host);
  return std::nullopt;
}

std::nullopt_t DialStep::finish() {
  if (PQstatus(handle_.get()) == CONNECTION_OK) {
    auto const key = tap_.take();
    result_.session = std::make_unique<Session>(handle_.release(), what_.parameters.host, what_.on_notice, key);
    return std::nullopt;
  }
  result_.password_sent = PQconnectionUsedPassword(handle_.get()) != 0;
  result_.failure = failure_of_login(handle_.get(), what_);
  return std::nullopt;
}

Dialled dial(Dial const& what) {
  DialStep step{what};
  SocketWaiter waiter;
  drive(step, waiter, what.stop);
  auto dialled = step.take();
  if (dialled.stopped) throw Cancelled("connecting to " + what.parameters.host + " was stopped");
  return dialled;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
