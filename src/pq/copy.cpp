#include <lakebase/pq/copy.hpp>

#include <algorithm>

#include <lakebase/error.hpp>

#include "pq/copy_state.hpp"

namespace lakebase::inline v0::pq {
namespace detail {

std::unique_ptr<CopyState> start_copy(Session& session, std::string const& sql, StatementOptions const& options,
                                      ExecStatusType direction) {
  auto state = std::make_unique<CopyState>(session, options);
  session.start([&](PGconn* c) { return PQsendQuery(c, sql.c_str()); });
  auto const first = session.next_result(state->wait);
  auto const status = PQresultStatus(first.get());
  if (status == direction) {
    state->open = true;
    return state;
  }
  if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
    if (status == PGRES_COPY_IN) PQputCopyEnd(session.native(), "wrong direction");
    if (status == PGRES_COPY_OUT) session.cancel();
    session.drain();
    throw InvalidArgument("the statement copies in the other direction");
  }
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
    session.drain();
    session.throw_error(first.get(), state->wait);
  }
  session.drain();
  throw InvalidArgument("the statement is no COPY of this direction");
}

}  // namespace detail

namespace {

constexpr std::size_t largest_piece = 1U << 20U;

// Sends what libpq has buffered.
void flush(detail::CopyState& state) {
  auto& session = *state.session;
  int unsent = PQflush(session.native());
  while (unsent == 1) {
    if (!state.wait.wait({.read = true, .write = true})) {
      session.throw_interrupted(state.wait, detail::failure_saying("", session.host()));
    }
    // A wait that was interrupted ends the copy here, as the server waits for more data.
    if (state.wait.interrupted() != detail::StatementWait::Interrupted::no) return;
    PQconsumeInput(session.native());
    unsent = PQflush(session.native());
  }
}

// Reads the end of the statement, whose first error tells what went wrong.
[[noreturn]] void fail(detail::CopyState& state) {
  state.open = false;
  PQputCopyEnd(state.session->native(), "given up");
  state.session->collect(state.wait);
  throw InvalidArgument("the copy has ended");
}

}  // namespace

CopyIn::CopyIn(std::unique_ptr<detail::CopyState> state) noexcept : state_(std::move(state)) {}
CopyIn::CopyIn(CopyIn&&) noexcept = default;
CopyIn& CopyIn::operator=(CopyIn&&) noexcept = default;

CopyIn::~CopyIn() {
  if (!state_ || !state_->open || state_->session->broken()) return;
  PQputCopyEnd(state_->session->native(), "given up");
  state_->session->drain();
}

void CopyIn::write(std::string_view bytes) {
  if (!state_ || !state_->open) throw InvalidArgument("the copy has ended");
  while (!bytes.empty()) {
    auto const piece = bytes.substr(0, largest_piece);
    int const taken = PQputCopyData(state_->session->native(), piece.data(), static_cast<int>(piece.size()));
    if (taken < 0) fail(*state_);
    if (taken == 1) bytes.remove_prefix(piece.size());
    flush(*state_);
    if (state_->wait.interrupted() != detail::StatementWait::Interrupted::no) fail(*state_);
  }
}

std::uint64_t CopyIn::finish() {
  if (!state_ || !state_->open) throw InvalidArgument("the copy has ended");
  int done = PQputCopyEnd(state_->session->native(), nullptr);
  while (done == 0) {
    flush(*state_);
    done = PQputCopyEnd(state_->session->native(), nullptr);
  }
  if (done < 0) fail(*state_);
  state_->open = false;
  return state_->session->collect(state_->wait).affected_rows();
}

CopyOut::CopyOut(std::unique_ptr<detail::CopyState> state) noexcept : state_(std::move(state)) {}
CopyOut::CopyOut(CopyOut&&) noexcept = default;
CopyOut& CopyOut::operator=(CopyOut&&) noexcept = default;

CopyOut::~CopyOut() {
  if (!state_ || !state_->open || state_->session->broken()) return;
  state_->session->cancel();
  try {
    state_->wait.interrupt(detail::StatementWait::Interrupted::by_stop);
    while (read()) {
    }
  } catch (...) {  // the cancel's own error, or a lost session: both leave nothing to read
  }
}

std::optional<std::string_view> CopyOut::read() {
  if (!state_ || !state_->open) return std::nullopt;
  auto& session = *state_->session;
  for (;;) {
    char* piece = nullptr;
    int const size = PQgetCopyData(session.native(), &piece, 1);
    state_->piece.reset(piece);
    if (size > 0) return std::string_view{piece, static_cast<std::size_t>(size)};
    if (size < 0) {
      state_->open = false;
      session.collect(state_->wait);
      return std::nullopt;
    }
    if (!state_->wait.wait({})) {
      state_->open = false;
      session.throw_interrupted(state_->wait, detail::failure_saying("", session.host()));
    }
    PQconsumeInput(session.native());
  }
}

}  // namespace lakebase::inline v0::pq
