#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <utility>

namespace lakebase::emulator {

/// What a statement came to: its first column of its first row, or its SQLSTATE and message.
struct Answer {
  std::string value;
  std::string sqlstate;
  std::string error;
};

/// A libpq connection that may have failed.
class PqConnection {
 public:
  explicit PqConnection(std::string const& conninfo) : handle_(PQconnectStart(conninfo.c_str()), &PQfinish) {
    // Only so does libpq tell the SQLSTATE of a refused login.
    PQsetErrorVerbosity(handle_.get(), PQERRORS_VERBOSE);
    PQsetNoticeProcessor(
        handle_.get(), [](void*, char const*) {}, nullptr);
    auto state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
      wait(state == PGRES_POLLING_WRITING);
      state = PQconnectPoll(handle_.get());
    }
  }

  PGconn* get() const { return handle_.get(); }
  bool ok() const { return PQstatus(handle_.get()) == CONNECTION_OK; }
  std::string error() const { return PQerrorMessage(handle_.get()); }

  /// The first error counts: of a session that ends in a statement, it says why.
  Answer run(std::string const& sql) {
    if (PQsendQuery(handle_.get(), sql.c_str()) == 0) return {{}, "08006", error()};
    return finish();
  }
  Answer finish() {
    Answer answer;
    while (PGresult* result = PQgetResult(handle_.get())) {
      char const* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      bool const failed = PQresultStatus(result) == PGRES_FATAL_ERROR;
      if (failed && answer.error.empty()) {
        answer.error = PQresultErrorMessage(result);
        answer.sqlstate = state == nullptr ? "" : state;
      }
      if (PQntuples(result) > 0) answer.value = PQgetvalue(result, 0, 0);
      PQclear(result);
    }
    return answer;
  }
  /// What the server said while nobody had asked: why the session ended, for instance.
  std::string const& notices() const { return *notices_; }
  std::string value(std::string const& sql) { return run(sql).value; }

 private:
  void wait(bool writable) const;

  std::unique_ptr<std::string> notices_ = std::make_unique<std::string>();
  std::unique_ptr<PGconn, decltype(&PQfinish)> handle_;
};

}  // namespace lakebase::emulator
