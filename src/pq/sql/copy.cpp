#include <lakebase/pq/copy.hpp>

#include <algorithm>

#include <lakebase/error.hpp>

#include "pq/sql/copy_options.hpp"
#include "pq/sql/copy_state.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {

CopyState::~CopyState() {
  if (!open || session->broken() || !session->busy()) return;
  if (direction == PGRES_COPY_IN) {
    PQputCopyEnd(session->native(), "given up");
    wait.hurry(StatementWait::Interrupted::by_stop);
  } else {
    wait.interrupt(StatementWait::Interrupted::by_stop);
  }
  session->drain(wait);
}

namespace {

void open_copy(CopyState& state, std::string const& sql) {
  auto& session = *state.session;
  session.start([&](PGconn* c) { return PQsendQuery(c, sql.c_str()); });
  auto first = session.next_result(state.wait);
  if (PQresultStatus(first.get()) == state.direction) {
    state.open = true;
    state.columns = static_cast<std::size_t>(PQnfields(first.get()));
    state.binary = PQbinaryTuples(first.get()) == 1;
    if (state.direction == PGRES_COPY_IN) state.format = format_option(sql);
    return;
  }
  auto const end = session.read_to_end(state.wait, std::move(first));
  if (session.broken()) throw ConnectionError{*session.broken()};
  if (end.copied == PGRES_COPY_IN) throw InvalidArgument("the statement copies in the other direction: use copy_in");
  if (end.copied) throw InvalidArgument("the statement copies in the other direction: use copy_out");
  if (end.first_error) session.throw_error(end.first_error.get(), state.wait);
  throw InvalidArgument("the statement is no COPY of this direction");
}

}  // namespace

std::unique_ptr<CopyState> start_copy(SessionHold hold, std::string const& sql, StatementOptions const& options,
                                      ExecStatusType direction) {
  auto state = std::make_unique<CopyState>(std::move(hold), options, direction);
  state->event.begin(*state->session, {.sql = sql, .kind = EventKind::copy}, [&] { open_copy(*state, sql); });
  return state;
}

}  // namespace detail

namespace {

constexpr std::size_t largest_piece = 1U << 20U;
// Of rows that are written one by one.
constexpr std::size_t largest_batch = 1U << 16U;

// Reads to the end of the statement, and throws its first error.
[[noreturn]] void fail(detail::CopyState& state) {
  state.open = false;
  if (!state.session->idle()) {
    PQputCopyEnd(state.session->native(), "given up");
    state.session->collect(state.wait);
  }
  throw InvalidArgument("the copy has ended");
}

// Sends what libpq has buffered. Ends the copy if a bound is hit, as the server would wait for more data, and if the
// link is lost, as libpq would go on taking data.
void flush(detail::CopyState& state) {
  state.session->flush(state.wait);
  bool const ends = !state.wait.linked() || state.wait.interrupted() != detail::StatementWait::Interrupted::no;
  if (ends || PQstatus(state.session->native()) != CONNECTION_OK) fail(state);
}

detail::CopyState& require_open(detail::CopyState* state) {
  if (state == nullptr || !state->open) throw InvalidArgument("the copy has ended");
  return *state;
}

void send(detail::CopyState& state, std::string_view bytes) {
  for (bool full = false; !bytes.empty();) {
    auto const piece = bytes.substr(0, largest_piece);
    int const taken = PQputCopyData(state.session->native(), piece.data(), static_cast<int>(piece.size()));
    // Full although everything was sent: there is no memory for more.
    if (taken < 0 || (taken == 0 && full)) fail(state);
    full = taken == 0;
    if (taken == 1) bytes.remove_prefix(piece.size());
    flush(state);
  }
}

// Sends the rows that were written one by one.
void send_rows(detail::CopyState& state) {
  send(state, state.rows);
  state.rows.clear();
}

}  // namespace

CopyIn::CopyIn(std::unique_ptr<detail::CopyState> state) noexcept : state_(std::move(state)) {}
CopyIn::~CopyIn() = default;
CopyIn::CopyIn(CopyIn&&) noexcept = default;
CopyIn& CopyIn::operator=(CopyIn&&) noexcept = default;

void CopyIn::write(std::string_view bytes) try {
  require_open(state_.get());
  send_rows(*state_);
  send(*state_, bytes);
} catch (...) {
  if (state_) state_->event.fail();
  throw;
}

void CopyIn::row(Params const& values) {
  detail::CopyRow row{state_.get(), values.size()};
  for (auto const& value : values) row.add(value);
  row.end();
}

std::uint64_t CopyIn::finish() try {
  require_open(state_.get());
  send_rows(*state_);
  if (PQputCopyEnd(state_->session->native(), nullptr) != 1) fail(*state_);
  state_->open = false;
  auto const rows = state_->session->collect(state_->wait).affected_rows();
  state_->event.end_with(rows);
  return rows;
} catch (...) {
  if (state_) state_->event.fail();
  throw;
}

namespace detail {

CopyRow::CopyRow(CopyState* state, std::size_t columns)
    : state_(require_open(state)), text_(state_.rows), begin_(text_.size()) {
  if (state_.binary) throw InvalidArgument("rows are written in the text format, and this COPY is in binary");
  if (!state_.format.empty()) {
    throw InvalidArgument("rows are written in COPY's text format without options, and this COPY sets " +
                          state_.format + ": leave that out, or send the rows by write");
  }
  if (state_.columns != columns) {
    throw InvalidArgument("a row of " + std::to_string(columns) + " values for a COPY of " +
                          std::to_string(state_.columns) + " columns");
  }
}

CopyRow::~CopyRow() {
  if (!ended_) text_.resize(begin_);
}

void CopyRow::add(Param const& param) {
  if (!param.refusal().empty()) {
    ++column_;
    refuse(InvalidArgument(param.refusal()));
  }
  if (param.is_null()) {
    add(nullptr);
  } else if (param.is_binary()) {
    add(Bytes{param.text()});
  } else {
    add(param.text());
  }
}

void CopyRow::end() {
  text_ += '\n';
  ended_ = true;
  ++state_.rows_written;
  if (text_.size() >= largest_batch) send_rows(state_);
}

void CopyRow::refuse(Error const& error) const {
  auto const column = name_.empty() ? std::to_string(column_) : '"' + std::string{name_} + '"';
  throw InvalidArgument("column " + column + " of row " + std::to_string(state_.rows_written) +
                        " is refused: " + error.message());
}

void CopyRow::escape(std::size_t begin) {
  // Most text needs none of it, and a search for one of several characters takes long.
  auto const may_need_it = [](char c) { return c == '\\' || static_cast<unsigned char>(c) <= '\r'; };
  if (std::none_of(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(), may_need_it)) return;
  constexpr std::string_view special{"\b\f\n\r\t\v\\\0", 8};
  constexpr std::string_view letters = "bfnrtv\\";
  auto at = text_.find_first_of(special, begin);
  if (at == std::string::npos) return;
  std::string escaped;
  auto rest = std::string_view{text_}.substr(begin);
  for (at -= begin; at != std::string_view::npos; at = rest.find_first_of(special)) {
    if (rest[at] == '\0') refuse(InvalidArgument("a NUL character (use Bytes for binary data)"));
    escaped += rest.substr(0, at);
    escaped += '\\';
    escaped += letters[special.find(rest[at])];
    rest.remove_prefix(at + 1);
  }
  escaped += rest;
  text_.replace(begin, std::string::npos, escaped);
}

}  // namespace detail

CopyOut::CopyOut(std::unique_ptr<detail::CopyState> state) noexcept : state_(std::move(state)) {}
CopyOut::~CopyOut() = default;
CopyOut::CopyOut(CopyOut&&) noexcept = default;
CopyOut& CopyOut::operator=(CopyOut&&) noexcept = default;

std::optional<std::string_view> CopyOut::read() & {
  if (!state_ || !state_->open) return std::nullopt;
  auto& session = *state_->session;
  try {
    int size = 0;
    state_->piece = session.next_piece(state_->wait, size);
    if (size > 0) return std::string_view{state_->piece.get(), static_cast<std::size_t>(size)};
    state_->open = false;
    state_->event.end_with(session.collect(state_->wait).affected_rows());
    return std::nullopt;
  } catch (...) {
    state_->open = false;
    state_->event.fail();
    throw;
  }
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
