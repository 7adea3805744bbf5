#include "data_plane/server/sql_session.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include "common/computes.hpp"
#include "data_plane/protocol/startup_packet.hpp"

namespace lakebase::emulator {
namespace {

std::vector<std::string> parse_row(std::string_view payload) {
  auto broken = [] { return DataPlaneError("PostgreSQL sent a broken row", "08P01"); };
  if (payload.size() < 2) throw broken();
  auto byte = [&](std::size_t at) { return static_cast<unsigned char>(payload[at]); };
  std::size_t count = byte(0) * 256U + byte(1);
  payload.remove_prefix(2);
  std::vector<std::string> row(count);
  for (std::string& column : row) {
    if (payload.size() < 4) throw broken();
    std::uint32_t size = wire::read_uint32(payload.data());
    payload.remove_prefix(4);
    if (size == 0xFFFFFFFFU) continue;
    if (payload.size() < size) throw broken();
    column = payload.substr(0, size);
    payload.remove_prefix(size);
  }
  return row;
}

DataPlaneError to_exception(std::string_view payload) {
  auto fields = wire::parse_error(payload);
  return DataPlaneError{fields.message, fields.code, fields.detail, fields.context, fields.hint};
}

void check_text(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos) throw DataPlaneError("a name has a zero byte", "22021");
}

std::string simple_query(std::string_view sql) {
  check_text(sql);
  return wire::message('Q', std::string{sql} + '\0');
}

std::string const zero(1, '\0');

std::string parse(std::string const& name, std::string_view sql) {
  check_text(sql);
  return wire::message('P', name + zero + std::string{sql} + zero + std::string(2, '\0'));
}

// Bind, Execute and Sync, with all values as text.
std::string execute(std::string const& name, std::vector<std::string> const& parameters) {
  std::string bind = zero + name + zero + std::string(2, '\0');
  bind += static_cast<char>(parameters.size() >> 8U);
  bind += static_cast<char>(parameters.size() & 255U);
  for (auto const& parameter : parameters) {
    if (parameter.find('\0') != std::string::npos) {
      throw DataPlaneError("invalid byte sequence for encoding \"UTF8\": 0x00", "22021");
    }
    wire::append_uint32(bind, static_cast<std::uint32_t>(parameter.size()));
    bind += parameter;
  }
  bind += std::string(2, '\0');
  return wire::message('B', bind) + wire::message('E', zero + std::string(4, '\0')) + wire::message('S', {});
}

constexpr std::size_t most_kept = 64;
constexpr std::string_view failed_transaction = "25P02";

}  // namespace

SqlSession::SqlSession(std::filesystem::path const& socket, std::string_view user, std::string_view database,
                       SessionSettings const& settings, std::chrono::nanoseconds patience)
    : patience_(patience), deadline_(deadline_after(patience)) {
  try {
    socket_ = connect_unix(socket);
  } catch (std::system_error const& error) {
    throw DataPlaneError(std::string{"PostgreSQL cannot be reached: "} + error.what(), "08001");
  }
  log_in(user, database, settings);
}

void SqlSession::log_in(std::string_view user, std::string_view database, SessionSettings const& settings) {
  wire::Startup startup;
  startup.user = user;
  startup.database = database;
  startup.settings = settings;
  startup.settings.emplace_back("application_name", "lakebase-emulator");
  send(startup.packet(wire::protocol_3_0));
  for (;;) {
    Message message = receive();
    if (message.type == 'E') throw to_exception(message.payload);
    if (message.type == 'R' && (message.payload.size() < 4 || wire::read_uint32(message.payload.data()) != 0)) {
      throw DataPlaneError("PostgreSQL requests a password from the emulator", "08P01");
    }
    if (message.type == 'Z') return;
  }
}

void SqlSession::send(std::string_view bytes) {
  try {
    send_all(socket_.get(), bytes);
  } catch (std::system_error const&) {
    // The server's last message, which `receive` finds, tells more than the broken pipe.
  }
}

void SqlSession::fill(std::size_t size) {
  if (used_ > 0) buffer_.erase(0, std::exchange(used_, 0));
  while (buffer_.size() < size) {
    std::size_t const before = buffer_.size();
    if (!wait_for(socket_.get(), Readiness::readable, deadline_)) {
      throw DataPlaneError("PostgreSQL does not respond", "08000");
    }
    buffer_.resize(std::max(size, before + 8192));
    std::size_t count = 0;
    try {
      count = receive_some(socket_.get(), buffer_.data() + before, buffer_.size() - before);
    } catch (std::system_error const&) {
    }
    buffer_.resize(before + count);
    if (count == 0) throw DataPlaneError("PostgreSQL closed the connection unexpectedly", "08006");
  }
}

SqlSession::Message SqlSession::receive() {
  if (buffer_.size() - used_ < 5) fill(5);
  std::size_t length = wire::read_uint32(buffer_.data() + used_ + 1);
  if (length < 4) throw DataPlaneError("PostgreSQL sent a broken message", "08P01");
  if (buffer_.size() - used_ < length + 1) fill(length + 1);
  Message message{buffer_[used_], buffer_.substr(used_ + 5, length - 4)};
  used_ += length + 1;
  return message;
}

void SqlSession::start(std::string_view sql) {
  settle();
  deadline_ = deadline_after(patience_);
  send(simple_query(sql));
}

void SqlSession::post(std::string_view sql) {
  send(simple_query(sql));
  ++posted_;
}

// Waits for what was posted.
void SqlSession::settle() {
  deadline_ = deadline_after(patience_);
  for (; posted_ > 0; --posted_) finish();
}

Rows SqlSession::query(std::string_view sql) {
  start(sql);
  return finish();
}

Rows SqlSession::query(std::string_view sql, std::vector<std::string> const& parameters) {
  auto const messages = parse({}, sql) + execute({}, parameters);
  settle();
  deadline_ = deadline_after(patience_);
  send(messages);
  return finish();
}

std::vector<SqlOutcome> SqlSession::query_all(std::vector<SqlText> const& texts) {
  std::string messages;
  std::vector<std::optional<KeptQuery>> kept(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto const& [sql, parameters, kept_for] = texts[i];
    if (!parameters.empty() && kept_for != 0) {
      kept[i] = kept_query(texts[i]);
      messages += kept[i]->messages;
    } else {
      messages += parameters.empty() ? simple_query(sql) : parse({}, sql) + execute({}, parameters);
    }
  }
  settle();
  send(messages);
  std::vector<SqlOutcome> outcomes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    deadline_ = deadline_after(patience_);
    auto [outcome, has_begun] = read_outcome();
    if (kept[i] && kept[i]->is_new) {
      if (!outcome.error) kept_[kept[i]->slot] = {texts[i].sql, texts[i].kept_for};
    } else if (kept[i] && outcome.error && !has_begun && outcome.error->sqlstate() != failed_transaction) {
      outcome.is_stale = true;
      kept_[kept[i]->slot] = {};
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

SqlSession::KeptQuery SqlSession::kept_query(SqlText const& text) {
  auto const found = std::find_if(kept_.begin(), kept_.end(), [&](Kept const& kept) {
    return kept.version == text.kept_for && kept.sql == text.sql;
  });
  if (found != kept_.end()) {
    auto const slot = static_cast<std::size_t>(found - kept_.begin());
    return {slot, false, execute(std::to_string(slot), text.parameters)};
  }
  KeptQuery made{next_slot_, true, {}};
  auto const name = std::to_string(made.slot);
  made.messages = wire::message('C', 'S' + name + zero) + parse(name, text.sql) + execute(name, text.parameters);
  next_slot_ = (next_slot_ + 1) % most_kept;
  if (kept_.size() <= made.slot) kept_.emplace_back();
  kept_[made.slot] = {};
  return made;
}

// What comes unasked.
void SqlSession::note(Message const& message) {
  if (message.type == 'E') throw to_exception(message.payload);
  if (message.type != 'A' || message.payload.size() < 4) return;
  std::string_view rest{message.payload};
  rest.remove_prefix(4);
  wire::take_text(rest);
  notifications_.push_back(wire::take_text(rest).value_or(""));
}

std::vector<std::string> SqlSession::notifications() {
  settle();
  deadline_ = deadline_after(patience_);
  while (buffer_.size() > used_ || is_readable(socket_.get())) note(receive());
  return std::exchange(notifications_, {});
}

char SqlSession::next_type() {
  if (buffer_.size() - used_ < 5) fill(5);
  return buffer_[used_];
}

// Whether the server has refused a COPY to it. Notices and changed settings are dropped.
bool SqlSession::is_refused() {
  while (buffer_.size() > used_ || is_readable(socket_.get())) {
    if (next_type() == 'E') return true;
    receive();
  }
  return false;
}

void SqlSession::copy_in(std::string_view sql, std::function<void(CopySink const&)> const& produce) {
  start(sql);
  if (receive_until('G')) {
    std::string_view const ended = "the rows end early\0";
    try {
      produce([this](std::string_view rows) {
        // The rows that are left would only be thrown away.
        if (is_refused()) throw CopyRefused{};
        deadline_ = deadline_after(patience_);
        send(wire::message('d', rows));
      });
    } catch (CopyRefused const&) {
      send(wire::message('f', ended));
      finish();
      throw DataPlaneError("PostgreSQL has ended a COPY without an error", "08P01");
    } catch (...) {
      send(wire::message('f', ended));
      try {
        finish();
      } catch (DataPlaneError const&) {
        // That of the message above.
      }
      throw;
    }
    deadline_ = deadline_after(patience_);
    send(wire::message('c', {}));
  }
  finish();
}

void SqlSession::copy_out(std::string_view sql, CopySink const& take) {
  start(sql);
  std::optional<DataPlaneError> failure;
  for (;;) {
    auto const message = receive();
    deadline_ = deadline_after(patience_);
    if (message.type == 'd') take(message.payload);
    if (message.type == 'E') failure = to_exception(message.payload);
    if (message.type == 'Z') break;
  }
  if (failure) throw *failure;
}

// False if the statement ends before; `finish` tells then why.
bool SqlSession::receive_until(char type) {
  for (;;) {
    auto const next = next_type();
    if (next == 'E' || next == 'Z') return false;
    receive();
    if (next == type) return true;
  }
}

// Reads to the end of a statement.
SqlSession::Reading SqlSession::read_outcome() {
  Reading reading;
  auto& outcome = reading.outcome;
  for (;;) {
    Message message;
    try {
      message = receive();
    } catch (DataPlaneError const&) {
      // The server's last words tell more than the broken connection.
      if (outcome.error) throw *outcome.error;
      throw;
    }
    switch (message.type) {
      case 'T':
        outcome.rows.clear();
        break;
      case 'D':
        outcome.rows.push_back(parse_row(message.payload));
        break;
      case 'E':
        outcome.error = to_exception(message.payload);
        break;
      case 'G':
        send(wire::message('f', std::string_view{"COPY FROM STDIN is not supported here\0", 38}));
        break;
      case 'A':
        note(message);
        break;
      case '2':
        reading.has_begun = true;
        break;
      case 'Z':
        return reading;
      default:
        break;
    }
  }
}

Rows SqlSession::finish() {
  auto outcome = read_outcome().outcome;
  if (outcome.error) throw *outcome.error;
  return std::move(outcome.rows);
}

}  // namespace lakebase::emulator
