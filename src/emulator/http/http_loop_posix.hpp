#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "common/elastic_pool.hpp"
#include "http/connection_posix.hpp"
#include "http/http_limits.hpp"
#include "http/http_message.hpp"
#include "system/descriptor_io_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

/// Serves the connections of a listening socket. One thread polls them all, so that a client that is slow or silent
/// keeps nobody else waiting; once a request is complete, another thread handles it and hands back the response.
class HttpLoop {
 public:
  using Handler = std::function<HttpReply(HttpRequest const&)>;

  HttpLoop(UniqueFd listener, HttpLimits const& limits, Handler handler);

  /// Serves until `stop`.
  void run();
  /// Sends the responses to requests at work, and ends. Called from another thread.
  void stop();

 private:
  using Time = Connection::Time;
  using Id = std::uint64_t;
  struct Response {
    Id id = 0;
    HttpReply reply;
  };

  bool turn();
  std::chrono::milliseconds time_left(Time now) const;
  Time deadline_of(Connection const& connection) const;
  void wait(std::chrono::milliseconds longest);
  void accept_clients(Time now);
  void make_room(Time now);
  void take_responses(Time now);
  void progress(Connection& connection, Time now);
  void look_at_request(Id id, Connection& connection, Time now);
  void hand_over(Id id, Connection& connection, Time now);
  void respond(Connection& connection, HttpReply reply, Time now);
  void write(Connection& connection, Time now);
  void expire(Connection& connection, Time now);
  void erase_ended();
  void end_idle(Time now);
  void wake();

  UniqueFd listener_;
  HttpLimits const limits_;
  Handler const handler_;
  Pipe wake_;
  std::map<Id, Connection> connections_;
  /// The connections that the last wait found ready.
  std::vector<Id> ready_;
  bool client_waits_ = false;
  Id last_id_ = 0;
  Time accept_again_{};

  std::mutex mutex_;
  std::vector<Response> responses_;
  bool stopping_ = false;
  Time stop_time_{};

  /// Last, so that no thread outlives what it uses.
  ElasticPool workers_{32};
};

}  // namespace lakebase::emulator
