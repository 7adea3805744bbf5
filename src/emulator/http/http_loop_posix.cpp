#include "http/http_loop_posix.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "http/http_reply_text.hpp"
#include "http/json_reply.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;
using Phase = Connection::Phase;

constexpr int most_accepted_at_once = 16;
constexpr auto longest_delay = 24h;
constexpr auto linger_time = 2s;
constexpr auto stop_patience = 2s;
constexpr auto pause_without_descriptors = 50ms;

HttpReply refusal(ServiceError const& error) {
  return with_request_id(error_reply(error));
}

// Which connection is dropped in favour of a new one: the lowest first; none if it must not be dropped.
using Rank = std::optional<std::pair<bool, Connection::Time>>;

Rank rank_of(Connection const& connection) {
  auto const phase = connection.phase();
  bool const idle = phase == Phase::reading && !connection.reader().begun();
  if (connection.is_authenticated() && !idle) return std::nullopt;
  return std::pair{connection.is_authenticated(), connection.since()};
}

}  // namespace

HttpLoop::HttpLoop(UniqueFd listener, HttpLimits const& limits, Handler handler)
    : listener_(std::move(listener)), limits_(limits), handler_(std::move(handler)) {
  set_blocking(wake_.write_end.get(), false);
}

void HttpLoop::run() {
  while (turn()) {
  }
  workers_.finish();
}

void HttpLoop::stop() {
  std::lock_guard const lock{mutex_};
  stopping_ = true;
  stop_time_ = std::chrono::steady_clock::now();
  wake();
}

void HttpLoop::wake() {
  // If the pipe is full, the loop wakes anyway, and nobody waits here with the lock that it needs.
  static_cast<void>(::write(wake_.write_end.get(), "", 1));
}

bool HttpLoop::turn() {
  auto const before = std::chrono::steady_clock::now();
  {
    std::lock_guard const lock{mutex_};
    if (stopping_) listener_.reset();
  }
  if (!listener_) {
    end_idle(before);
    if (connections_.empty()) return false;
  }
  wait(time_left(before));
  auto const now = std::chrono::steady_clock::now();
  take_responses(now);
  for (auto const id : ready_) progress(connections_.at(id), now);
  for (auto& [id, connection] : connections_) {
    if (now >= deadline_of(connection)) expire(connection, now);
    // The bytes that followed the previous request may be a whole one.
    if (connection.phase() == Phase::reading) look_at_request(id, connection, now);
  }
  erase_ended();
  // Last, so that present clients come first.
  if (client_waits_) accept_clients(now);
  return true;
}

HttpLoop::Time HttpLoop::deadline_of(Connection const& connection) const {
  auto const since = connection.since();
  switch (connection.phase()) {
    case Phase::reading:
      return since +
             (connection.is_authenticated() && !connection.reader().begun() ? limits_.idle_time : limits_.request_time);
    case Phase::delayed:
      return listener_ ? since : Time{};
    case Phase::writing:
      return listener_ ? since + limits_.response_time : stop_time_ + stop_patience;
    case Phase::lingering:
      return since + linger_time;
    case Phase::working:
    case Phase::ended:
      break;
  }
  return Time::max();
}

std::chrono::milliseconds HttpLoop::time_left(Time now) const {
  auto next = now + 1h;
  for (auto const& [id, connection] : connections_) next = std::min(next, deadline_of(connection));
  if (accept_again_ > now) next = std::min(next, accept_again_);
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(next - now), 0ms);
}

void HttpLoop::wait(std::chrono::milliseconds longest) {
  bool const accepts = listener_ && std::chrono::steady_clock::now() >= accept_again_;
  std::vector<pollfd> waited{{wake_.read_end.get(), POLLIN, 0}, {accepts ? listener_.get() : -1, POLLIN, 0}};
  std::vector<Id> ids;
  for (auto const& [id, connection] : connections_) {
    auto const phase = connection.phase();
    if (phase == Phase::working || phase == Phase::delayed) continue;
    waited.push_back({connection.socket(), static_cast<short>(phase == Phase::writing ? POLLOUT : POLLIN), 0});
    ids.push_back(id);
  }
  ready_.clear();
  client_waits_ = false;
  if (::poll(waited.data(), waited.size(), static_cast<int>(longest.count())) <= 0) return;
  if (std::array<char, 256> bytes; waited[0].revents != 0) {
    static_cast<void>(::read(wake_.read_end.get(), bytes.data(), bytes.size()));
  }
  client_waits_ = waited[1].revents != 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (waited[i + 2].revents != 0) ready_.push_back(ids[i]);
  }
}

void HttpLoop::accept_clients(Time now) {
  for (int i = 0; i < most_accepted_at_once; ++i) {
    auto client = accept_client(listener_.get());
    if (!client) {
      bool const exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (exhausted) {
        make_room(now);
        accept_again_ = now + pause_without_descriptors;
      }
      return;
    }
    if (connections_.size() >= limits_.connections) make_room(now);
    auto const [entry, entered] = connections_.try_emplace(++last_id_, std::move(client), limits_.request, now);
    if (connections_.size() <= limits_.connections) continue;
    respond(entry->second, refusal({503, "TEMPORARILY_UNAVAILABLE", "The emulator has too many connections."}), now);
  }
}

// Drops the connection that has kept the server waiting for the longest: of those that are not authenticated, or else
// of the idle ones.
void HttpLoop::make_room(Time now) {
  Connection* weakest = nullptr;
  Rank lowest;
  for (auto& [id, connection] : connections_) {
    auto const rank = rank_of(connection);
    if (!rank || (lowest && *lowest <= *rank)) continue;
    weakest = &connection;
    lowest = rank;
  }
  if (weakest == nullptr) return;
  weakest->enter(Phase::ended, now);
  erase_ended();
}

void HttpLoop::take_responses(Time now) {
  std::vector<Response> responses;
  {
    std::lock_guard const lock{mutex_};
    responses.swap(responses_);
  }
  for (auto& [id, reply] : responses) {
    auto const found = connections_.find(id);
    if (found == connections_.end()) continue;  // It has given way meanwhile.
    auto& connection = found->second;
    if (reply.authenticated) connection.authenticate();
    if (reply.delay > Duration::zero()) {
      auto const until = now + std::min<Duration>(reply.delay, longest_delay);
      connection.postpone(std::move(reply), until);
    } else {
      respond(connection, std::move(reply), now);
    }
  }
}

void HttpLoop::progress(Connection& connection, Time now) {
  switch (connection.phase()) {
    case Phase::reading:
      connection.receive(now);
      break;
    case Phase::writing:
      write(connection, now);
      break;
    case Phase::lingering:
      if (!connection.discard()) connection.enter(Phase::ended, now);
      break;
    case Phase::working:
    case Phase::delayed:
    case Phase::ended:
      break;
  }
}

void HttpLoop::look_at_request(Id id, Connection& connection, Time now) {
  auto& reader = connection.reader();
  switch (reader.state()) {
    case RequestReader::State::reading:
      if (reader.wants_leave()) connection.try_send("HTTP/1.1 100 Continue\r\n\r\n");
      return;
    case RequestReader::State::complete:
      hand_over(id, connection, now);
      return;
    case RequestReader::State::refused:
      respond(connection, refusal(reader.refusal()), now);
      return;
  }
}

void HttpLoop::hand_over(Id id, Connection& connection, Time now) {
  connection.enter(Phase::working, now);
  try {
    workers_.enqueue([this, id, request = std::move(connection.reader().request())] {
      HttpReply reply = handler_(request);
      std::lock_guard const lock{mutex_};
      responses_.push_back({id, std::move(reply)});
      wake();
    });
  } catch (std::system_error const&) {
    respond(connection, refusal({503, "TEMPORARILY_UNAVAILABLE", "The emulator cannot start a thread."}), now);
  }
}

void HttpLoop::respond(Connection& connection, HttpReply reply, Time now) {
  if (reply.delivery == Delivery::nothing || reply.delivery == Delivery::reset) {
    if (reply.delivery == Delivery::reset) connection.reset();
    connection.enter(Phase::ended, now);
    return;
  }
  auto const& reader = connection.reader();
  bool const was_read = reader.state() == RequestReader::State::complete;
  bool const keeps_alive = was_read && reader.keeps_alive() && listener_;
  bool const whole = reply.delivery == Delivery::whole;
  connection.put(reply_text(reply, was_read && reader.is_head(), keeps_alive), !keeps_alive || !whole);
  connection.enter(Phase::writing, now);
  write(connection, now);
}

void HttpLoop::write(Connection& connection, Time now) {
  if (!connection.send()) return;
  if (connection.is_last()) {
    connection.finish_sending();
    connection.enter(Phase::lingering, now);
    return;
  }
  connection.enter(Phase::reading, now);
  connection.reader().next();
}

void HttpLoop::expire(Connection& connection, Time now) {
  if (connection.phase() == Phase::delayed) {
    respond(connection, connection.take_postponed(), now);
  } else if (connection.phase() == Phase::reading && connection.reader().begun()) {
    respond(connection,
            refusal({408, "REQUEST_TIMEOUT",
                     fmt::format("The request was not complete within {} s.", limits_.request_time / 1s)}),
            now);
  } else {
    connection.enter(Phase::ended, now);
  }
}

void HttpLoop::end_idle(Time now) {
  for (auto& [id, connection] : connections_) {
    auto const phase = connection.phase();
    if (phase == Phase::reading || phase == Phase::lingering) connection.enter(Phase::ended, now);
  }
  erase_ended();
}

void HttpLoop::erase_ended() {
  std::erase_if(connections_, [](auto const& entry) { return entry.second.phase() == Phase::ended; });
}

}  // namespace lakebase::emulator
