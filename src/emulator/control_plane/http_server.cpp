#include "http_server.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "connection_posix.hpp"
#include "elastic_pool.hpp"
#include "errors.hpp"
#include "random.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t most_connections = 256;
constexpr std::size_t most_body_bytes = 4 * 1024 * 1024;
constexpr std::chrono::minutes longest_idleness{2};
constexpr char const* any_path = R"([\s\S]*)";

class TaskQueue final : public httplib::TaskQueue {
 public:
  // Tells in later versions whether it has taken the job.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue({}));
  Enqueued enqueue(std::function<void()> job) override {
    pool_.enqueue(std::move(job));
    return static_cast<Enqueued>(true);
  }
  void shutdown() override { pool_.finish(); }

 private:
  ElasticPool pool_{most_connections};
};

// The connection that the current thread serves, for the handler that damages an answer.
thread_local Connection* current_connection = nullptr;

// cpp-httplib's server with connections of our own: those of its own cannot be told to end, so that stopping would wait
// for idle clients, and cannot drop an answer.
class Server final : public httplib::Server {
 public:
  void hang_up() {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
    for (auto* const connection : connections_) connection->hang_up();
  }

  void widen() { widen_backlog(static_cast<int>(svr_sock_)); }

  // What cpp-httplib does only for a server that has run.
  void close_unserved() {
    if (auto const socket = svr_sock_.exchange(INVALID_SOCKET); socket != INVALID_SOCKET) {
      close_socket(static_cast<int>(socket));
    }
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    Connection connection{static_cast<int>(socket)};
    if (!enter(connection)) return false;
    current_connection = &connection;
    while (connection.wait_for_request(longest_idleness)) {
      bool closed = false;
      if (!answer_one(*this, connection, closed) || closed) break;
    }
    current_connection = nullptr;
    std::lock_guard const lock{mutex_};
    connections_.erase(&connection);
    return true;
  }

  bool enter(Connection& connection) {
    std::lock_guard const lock{mutex_};
    if (!stopping_) connections_.insert(&connection);
    return !stopping_;
  }

  // The signature of `process_request` has grown since version 0.11.
  template <class Self>
  static bool answer_one(Self& self, Connection& connection, bool& closed) {
    std::function<void(httplib::Request&)> const nothing;
    httplib::Stream& stream = connection;
    if constexpr (requires { self.process_request(stream, false, closed, nothing); }) {
      return self.process_request(stream, false, closed, nothing);
    } else {
      std::string remote;
      std::string local;
      int remote_port = 0;
      int local_port = 0;
      connection.get_remote_ip_and_port(remote, remote_port);
      connection.get_local_ip_and_port(local, local_port);
      return self.process_request(stream, remote, remote_port, local, local_port, false, closed, nothing);
    }
  }

  std::mutex mutex_;
  std::set<Connection*> connections_;
  bool stopping_ = false;
};

HttpRequest request_from(httplib::Request const& from) {
  HttpRequest request;
  request.method = from.method;
  auto const question = std::min(from.target.find('?'), from.target.size());
  request.path = from.target.substr(0, question);
  request.segments = decoded_segments(request.path);
  if (question < from.target.size()) request.query = decoded_form(std::string_view{from.target}.substr(question + 1));
  request.authorization = from.get_header_value("Authorization");
  request.fault = from.get_header_value("X-Emulator-Fault");
  request.body = from.body;
  return request;
}

void deliver(HttpReply reply, httplib::Response& to) {
  to.status = reply.status;
  for (auto const& [name, value] : reply.headers) to.set_header(name, value);
  if (reply.delivery == Delivery::half_body) {
    auto const half = reply.body.size() / 2;
    // Version 0.11 does not say the length by itself.
    if (!to.has_header("Content-Length")) to.set_header("Content-Length", std::to_string(reply.body.size()));
    to.set_content_provider(reply.body.size(), reply.content_type.c_str(),
                            [body = std::move(reply.body), half](std::size_t, std::size_t, httplib::DataSink& sink) {
                              sink.write(body.data(), half);
                              return false;
                            });
    return;
  }
  to.set_content(reply.body, reply.content_type.c_str());
  if (reply.delivery != Delivery::whole) current_connection->cut(reply.delivery == Delivery::reset);
}

// What cpp-httplib refuses by itself.
void explain(httplib::Response& response) {
  if (!response.body.empty()) return;
  ServiceError const error =
      response.status == 413 ? ServiceError{413, "MAX_READ_SIZE_EXCEEDED", "The request's body is larger than 4 MiB."}
                             : ServiceError{response.status, "MALFORMED_REQUEST", "The request is not valid HTTP."};
  response.set_header("x-request-id", random_uuid());
  response.set_content(error.envelope().dump(), "application/json");
}

}  // namespace

struct HttpServer::Impl {
  std::string address;
  int port = 0;
  Server server;
  Handler handler;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable stopped;
  bool stopping = false;

  void handle(httplib::Request const& request, httplib::Response& response) {
    HttpReply reply = handler(request_from(request));
    if (reply.delay > Duration::zero()) {
      std::unique_lock lock{mutex};
      stopped.wait_for(lock, reply.delay, [&] { return stopping; });
    }
    deliver(std::move(reply), response);
  }
};

HttpServer::HttpServer(std::string const& address, std::uint16_t port) : impl_(std::make_unique<Impl>()) {
  auto& server = impl_->server;
  impl_->address = address;
  server.new_task_queue = [] { return new TaskQueue; };
  server.set_socket_options([](auto socket) { set_listening_options(static_cast<int>(socket)); });
  server.set_payload_max_length(most_body_bytes);
  // Our connections keep to the first by themselves; the server only tells its clients of both.
  server.set_keep_alive_timeout(std::chrono::seconds{longest_idleness}.count());
  server.set_keep_alive_max_count(1'000'000);
  httplib::Server::Handler const handle = [this](httplib::Request const& request, httplib::Response& response) {
    impl_->handle(request, response);
  };
  server.Get(any_path, handle);
  server.Post(any_path, handle);
  server.Put(any_path, handle);
  server.Patch(any_path, handle);
  server.Delete(any_path, handle);
  server.Options(any_path, handle);
  server.set_error_handler([](httplib::Request const&, httplib::Response& response) { explain(response); });
  impl_->port = port == 0 ? server.bind_to_any_port(address) : server.bind_to_port(address, port) ? port : -1;
  if (impl_->port <= 0) throw std::runtime_error(fmt::format("cannot listen on {}:{}", address, port));
  server.widen();
}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return static_cast<std::uint16_t>(impl_->port);
}

std::string HttpServer::url() const {
  bool const is_v6 = impl_->address.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", is_v6 ? fmt::format("[{}]", impl_->address) : impl_->address, impl_->port);
}

void HttpServer::serve(Handler handler) {
  impl_->handler = std::move(handler);
  impl_->thread = std::thread([this] { impl_->server.listen_after_bind(); });
  // Before it runs, cpp-httplib's server cannot be stopped.
  while (!impl_->server.is_running()) std::this_thread::yield();
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) {
    impl_->server.close_unserved();
    return;
  }
  {
    std::lock_guard const lock{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->stopped.notify_all();
  impl_->server.hang_up();
  impl_->server.stop();
  impl_->thread.join();
}

}  // namespace lakebase::emulator
