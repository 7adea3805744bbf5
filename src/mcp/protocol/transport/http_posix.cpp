#include "mcp/protocol/transport/http_posix.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include "mcp/protocol/transport/event_stream.hpp"
#include "mcp/protocol/transport/guard.hpp"
#include "mcp/protocol/transport/http_sessions.hpp"
#include "mcp/protocol/transport/stdio_posix.hpp"
#include "mcp/protocol/transport/workers.hpp"

namespace lakebase::mcp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_connections = 512;
// How soon a client that has gone is noticed.
constexpr auto glance = 50ms;
constexpr int glances_until_sign_of_life = 300;
constexpr char const* session_header = "MCP-Session-Id";
constexpr char const* version_header = "MCP-Protocol-Version";
constexpr char const* json_type = "application/json";

class Queue : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { workers_.enqueue(std::move(task)); }
  void shutdown() override { workers_.finish(); }

 private:
  Workers workers_{most_connections};
};

// What a request is refused with before it is a message.
struct Refusal {
  int status;
  ProtocolError error;
};

void reply(httplib::Response& response, int status, Json const& message) {
  response.status = status;
  response.set_content(json_line(message), json_type);
}

// By the response of a method. What is wrong before that is 400.
int status_of(Era era, Json const& message) {
  if (era == Era::legacy || !message.contains("error")) return 200;
  switch (Code{message["error"]["code"].get<int>()}) {
    case Code::method_not_found:
      return 404;
    case Code::header_mismatch:
    case Code::missing_capability:
    case Code::unsupported_version:
      return 400;
    default:
      return 200;
  }
}

Headers headers_of(httplib::Request const& request) {
  return [&request](std::string const& name) -> std::optional<std::string> {
    auto const count = request.get_header_value_count(name.c_str());
    if (count == 0) return std::nullopt;
    // One that comes twice is equal to nothing.
    return count == 1 ? request.get_header_value(name.c_str()) : std::string{"\n"};
  };
}

}  // namespace

class HttpServer::Inside {
 public:
  Inside(Server& server, HttpOptions options) : server_(server), options_(std::move(options)) {
    http_.new_task_queue = [] { return new Queue; };
    // One request a connection: what is left of a body that was refused can never be taken for the next request.
    http_.set_keep_alive_max_count(1);
    http_.set_read_timeout(10s);
    http_.set_write_timeout(10s);
    http_.set_payload_max_length(longest_message);
    http_.set_tcp_nodelay(true);
    auto const any = [this](auto handle) {
      return [this, handle](httplib::Request const& request, httplib::Response& response) {
        guarded(request, response, [&] { (this->*handle)(request, response); });
      };
    };
    http_.Post(options_.path, [this](httplib::Request const& request, httplib::Response& response,
                                     httplib::ContentReader const& reader) { take_post(request, response, reader); });
    http_.Get(options_.path, any(&Inside::get));
    http_.Delete(options_.path, any(&Inside::end_session));
    http_.Put(options_.path, any(&Inside::refuse_method));
    http_.Options(options_.path, any(&Inside::refuse_method));
    // Not the default, by which two servers could share a port unnoticed.
    http_.set_socket_options([this](socket_t socket) {
      int const yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      listener_ = socket;
    });
    port_ = options_.port != 0 ? options_.port : http_.bind_to_any_port(options_.address);
    bool const bound = options_.port != 0 ? http_.bind_to_port(options_.address, options_.port) : port_ > 0;
    if (!bound) throw std::runtime_error(fmt::format("cannot listen on {}:{}", options_.address, options_.port));
    // Again, for a longer line of clients than the five of the library's own: who finds no room tries again after a
    // second.
    ::listen(listener_, SOMAXCONN);
    thread_ = std::jthread{[this] { http_.listen_after_bind(); }};
    while (!http_.is_running()) std::this_thread::yield();
  }

  ~Inside() {
    stopping_ = true;
    sessions_.end_all();
    http_.stop();
  }

  Inside(Inside const&) = delete;
  Inside& operator=(Inside const&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  template <class Handle>
  void guarded(httplib::Request const& request, httplib::Response& response, Handle handle) {
    try {
      admit(request, response);
      handle();
    } catch (Refusal const& refusal) {
      reply(response, refusal.status, error_message(nullptr, refusal.error));
    }
  }

  // Reads the body of who is not admitted, too, so that it can read the refusal; but keeps none of it.
  void take_post(httplib::Request const& request, httplib::Response& response, httplib::ContentReader const& reader) {
    std::string body;
    bool admitted = false, too_long = false;
    guarded(request, response, [&] { admitted = true; });
    reader([&](char const* bytes, std::size_t size) {
      if (!admitted) return true;
      too_long = too_long || body.size() + size > longest_message;
      if (!too_long) body.append(bytes, size);
      return true;
    });
    if (!admitted) return;
    if (too_long || response.status == 413) {
      reply(response, 413, error_message(nullptr, ProtocolError(Code::invalid_request, "The body is too long.")));
      return;
    }
    guarded(request, response, [&] { post(request, response, body); });
  }

  void admit(httplib::Request const& request, httplib::Response& response) const {
    if (request.get_header_value_count("Host") != 1 || !is_local_host(request.get_header_value("Host"))) {
      throw Refusal{403, {Code::invalid_request, "The header Host does not name this machine."}};
    }
    if (request.has_header("Origin") && !is_local_origin(request.get_header_value("Origin"))) {
      throw Refusal{403, {Code::invalid_request, "Pages of this Origin may not call here."}};
    }
    if (!options_.token.empty() && !shows_token(request.get_header_value("Authorization"), options_.token)) {
      response.set_header("WWW-Authenticate", "Bearer");
      throw Refusal{401, {Code::invalid_request, "The bearer token is missing or wrong."}};
    }
  }

  void post(httplib::Request const& request, httplib::Response& response, std::string const& body) {
    if (!is_json_type(request.get_header_value("Content-Type"))) {
      throw Refusal{415, {Code::invalid_request, "The body must be application/json."}};
    }
    auto message = read_json(body);
    if (message.is_discarded()) {
      throw Refusal{400, {Code::parse_error, "The body is not JSON in UTF-8, or is nested too deep."}};
    }
    if (message.is_array()) {
      take_batch(request, response, message);
      return;
    }
    // A message goes from hand to hand and is never copied: it may be large.
    auto const id = id_of(message);
    try {
      take(request, response, std::move(message));
    } catch (ProtocolError const& error) {
      reply(response, 400, error_message(id, error));
    }
  }

  void take(httplib::Request const& http, httplib::Response& response, Json message) {
    auto const kind = kind_of(message);
    if (era_of(message, http.get_header_value(version_header)) == Era::modern) {
      if (kind == MessageKind::request) {
        take_modern(http, response, std::move(message));
      } else {
        response.status = 202;
      }
      return;
    }
    if (!accepts(http.get_header_value("Accept"), json_type) ||
        !accepts(http.get_header_value("Accept"), "text/event-stream")) {
      throw Refusal{406, {Code::invalid_request, "Accept must list application/json and text/event-stream."}};
    }
    if (kind == MessageKind::request && text_of(message, "method") == "initialize") {
      open_session(http, response, message);
      return;
    }
    take_legacy(response, session_of(http), kind, std::move(message));
  }

  void take_modern(httplib::Request const& http, httplib::Response& response, Json message) {
    auto const headers = headers_of(http);
    auto client = read_modern_client(message, headers);
    check_modern_headers(message, headers, server_.input_schema_of(message));
    bool const streams = accepts(http.get_header_value("Accept"), "text/event-stream");
    if (!streams && text_of(message, "method") == "subscriptions/listen") {
      throw Refusal{406, {Code::invalid_request, "Accept must list text/event-stream."}};
    }
    respond(response, {.message = std::move(message), .client = std::move(client), .outlet = nullptr}, streams,
            nullptr);
  }

  void open_session(httplib::Request const& http, httplib::Response& response, Json const& message) {
    if (http.has_header(session_header)) {
      throw ProtocolError(Code::invalid_request, "This session is open. Leave out MCP-Session-Id to open another.");
    }
    auto [session, opened] = server_.open(message);
    if (session) response.set_header(session_header, sessions_.add(std::move(session)));
    reply(response, 200, opened);
  }

  std::shared_ptr<HttpSession> session_of(httplib::Request const& http) {
    auto const id = http.get_header_value(session_header);
    if (id.empty())
      throw Refusal{400, {Code::invalid_request, "MCP-Session-Id is missing: call \"initialize\" first."}};
    auto session = sessions_.find(id);
    if (!session) throw Refusal{404, {Code::invalid_request, "This session has ended: call \"initialize\" again."}};
    auto const version = http.get_header_value(version_header);
    // Some clients send the version that they asked for instead of the one that was agreed on.
    if (!version.empty() &&
        std::find(legacy_versions.begin(), legacy_versions.end(), version) == legacy_versions.end()) {
      throw Refusal{400, {Code::invalid_request, "This version of the protocol is not spoken here."}};
    }
    return session;
  }

  void take_legacy(httplib::Response& response, std::shared_ptr<HttpSession> const& session, MessageKind kind,
                   Json message) {
    if (kind == MessageKind::request) {
      auto client = session->session->client();
      respond(
          response,
          {.message = std::move(message), .client = std::move(client), .session = session->session, .outlet = nullptr},
          true, session);
      return;
    }
    take_quietly(*session, kind, message);
    response.status = 202;
  }

  static void take_quietly(HttpSession& session, MessageKind kind, Json const& message) {
    if (kind == MessageKind::response) {
      session.session->take_response(message);
    } else if (text_of(message, "method") == "notifications/cancelled") {
      session.calls.cancel(member(member(message, "params"), "requestId"));
    }
  }

  // One version has batches. Its requests get their responses one after another, without what belongs before their
  // responses.
  void take_batch(httplib::Request const& http, httplib::Response& response, Json& batch) {
    auto const id = http.get_header_value(session_header);
    auto const session = id.empty() ? nullptr : sessions_.find(id);
    if (!session || session->session->version() != "2025-03-26" || batch.empty()) {
      throw Refusal{400, {Code::invalid_request, "One message at a time: there are no batches in this version."}};
    }
    Json parts = Json::array();
    for (auto& message : batch) {
      try {
        auto const kind = kind_of(message);
        if (kind != MessageKind::request) {
          take_quietly(*session, kind, message);
          continue;
        }
        httplib::Response part;
        Request request{
            .message = message, .client = session->session->client(), .session = session->session, .outlet = nullptr};
        respond(part, std::move(request), false, session);
        if (!part.body.empty()) parts.push_back(read_json(part.body));
      } catch (ProtocolError const& error) {
        parts.push_back(error_message(id_of(message), error));
      }
    }
    response.status = 202;
    if (!parts.empty()) reply(response, 200, parts);
  }

  // Responds by JSON to what is short, and by a stream to what takes longer or has messages before its response.
  void respond(httplib::Response& response, Request request, bool streams,
               std::shared_ptr<HttpSession> const& session) {
    auto const era = request.client.era;
    auto const stream = std::make_shared<EventStream>(streams);
    request.outlet = stream;
    request.stop = stream->stop().get_token();
    if (!Server::may_wait(text_of(request.message, "method"))) {
      auto const message = server_.respond(request).value_or(nullptr);
      reply(response, status_of(era, message), message);
      return;
    }
    auto const id = request.message["id"];
    if (session && !session->calls.begin(id, stream->stop())) {
      throw ProtocolError(Code::invalid_request, "A request with this id is at work.");
    }
    calls_.enqueue([this, stream, session, id, request = std::move(request)] {
      auto result = server_.respond(request);
      if (session) session->calls.end(id);
      stream->finish(std::move(result));
    });
    if (streams) {
      stream->wait(options_.stream_after);
    } else {
      while (!stream->is_over() && !stopping_) stream->wait(glance);
    }
    if (auto const message = stream->only_response()) {
      reply(response, status_of(era, *message), *message);
    } else if (streams) {
      send_stream(response, stream);
    } else {
      stream->abandon();
    }
  }

  void send_stream(httplib::Response& response, std::shared_ptr<EventStream> const& stream) {
    response.set_header("Cache-Control", "no-cache");
    response.set_header("X-Accel-Buffering", "no");
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, stream, quiet = 0](std::size_t, httplib::DataSink& sink) mutable {
          stream->wait(glance);
          if (stopping_ || !sink.is_writable()) return false;
          auto events = stream->take_events();
          quiet = events.empty() ? quiet + 1 : 0;
          if (quiet == glances_until_sign_of_life) {
            quiet = 0;
            events = ":\n\n";
          }
          if (!events.empty() && !sink.write(events.data(), events.size())) return false;
          if (stream->is_sent()) sink.done();
          return true;
        },
        [stream](bool) { stream->abandon(); });
  }

  // The stream of a session for what belongs to no request.
  void get(httplib::Request const& request, httplib::Response& response) {
    if (!request.has_header(session_header)) {
      refuse_method(request, response);
      return;
    }
    if (!accepts(request.get_header_value("Accept"), "text/event-stream")) {
      throw Refusal{406, {Code::invalid_request, "Accept must list text/event-stream."}};
    }
    auto const session = session_of(request);
    auto const stream = std::make_shared<EventStream>(true);
    session->session->set_unsolicited(stream);
    send_stream(response, stream);
  }

  void end_session(httplib::Request const& request, httplib::Response& response) {
    if (!request.has_header(session_header)) {
      refuse_method(request, response);
      return;
    }
    auto const session = session_of(request);
    response.status = sessions_.end(request.get_header_value(session_header)) ? 200 : 404;
  }

  void refuse_method(httplib::Request const&, httplib::Response& response) {
    response.set_header("Allow", "POST");
    throw Refusal{405, {Code::invalid_request, "Messages come by POST."}};
  }

  Server& server_;
  HttpOptions const options_;
  std::atomic<bool> stopping_ = false;
  HttpSessions sessions_;
  int port_ = 0;
  socket_t listener_ = -1;
  httplib::Server http_;
  /// After what its threads use; before the thread whose end is the end of all connections.
  Workers calls_{most_connections};
  std::jthread thread_;
};

HttpServer::HttpServer(Server& server, HttpOptions options)
    : inside_(std::make_unique<Inside>(server, std::move(options))) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const {
  return inside_->port();
}

}  // namespace lakebase::mcp
