#pragma once

#include <string>
#include <string_view>

#include <httplib.h>

#include "control_plane_fixture.hpp"
#include "http/http_server.hpp"

namespace lakebase::emulator::tests {

/// A control plane behind its HTTP server, to which requests go as plain HTTP.
class HttpControlPlaneTest : public ControlPlaneTest {
 protected:
  HttpControlPlaneTest() {
    server.serve([this](HttpRequest const& request) { return plane->handle(request); });
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
  }
  ~HttpControlPlaneTest() override {
    computes->release();
    server.stop();
  }

  /// @param text `METHOD TARGET`, or `METHOD TARGET BODY`; the target is below `/api/2.0/postgres/`, or begins with `/`
  /// @param token the user's if it is empty
  Answer send(std::string_view text, std::string const& token = {}) {
    auto const first = text.find(' ');
    auto const second = std::min(text.find(' ', first + 1), text.size());
    std::string const target{text.substr(first + 1, second - first - 1)};
    return send(std::string{text.substr(0, first)}, target.starts_with('/') ? target : "/api/2.0/postgres/" + target,
                std::string{text.substr(std::min(second + 1, text.size()))}, token);
  }
  /// The answer's body is null if it is not JSON.
  Answer send(std::string const& method, std::string const& path, std::string const& body,
              std::string const& token = {}) {
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.headers = {{"Authorization", "Bearer " + (token.empty() ? plane->token() : token)},
                       {"Content-Type", "application/json"}};
    request.body = body;
    auto const result = client.send(request);
    if (!result) return {};
    auto parsed = Json::parse(result->body, nullptr, false);
    return {result->status, parsed.is_discarded() ? Json{} : parsed};
  }
  /// The same, with the operation's end if it starts one.
  Answer send_and_wait(std::string_view text) {
    auto const answer = send(text);
    bool const starts = answer.status == 200 && answer.body.is_object() && answer.body.value("done", true) == false;
    return starts ? Answer{200, wait(answer)} : answer;
  }

  HttpServer server{"127.0.0.1", 0};
  httplib::Client client{"127.0.0.1", server.port()};
};

}  // namespace lakebase::emulator::tests
