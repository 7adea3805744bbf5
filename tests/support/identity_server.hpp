#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/transport.hpp>

#include "support/faulty_server.hpp"

namespace lakebase::tests {

/// An identity server on loopback: answers by `METHOD /path`, and 404 otherwise. Stands for a workspace's OAuth server
/// as well as for the clouds'.
class IdentityServer {
 public:
  /// In place of a status: the connection breaks; nothing comes until the client gives up.
  static constexpr int reset = 0;
  static constexpr int silence = -1;

  struct Answer {
    int status = 200;
    std::string body{};
    std::string headers{};
  };
  using Handler = std::function<Answer(std::string const& request)>;

  explicit IdentityServer(SSL_CTX* tls = nullptr)
      : server_(FaultyServer::answering([this](Connection& connection, std::string const& request, int) {
                  auto const answer = find(request);
                  if (answer.status == reset) return connection.reset();
                  if (answer.status == silence) return connection.stall();
                  connection.answer(answer.status, answer.body, answer.headers);
                }),
                tls) {}

  std::string url() const { return server_.url(); }

  /// A template, as Clang 14 cannot tell a braced Answer from a Handler.
  template <std::invocable<std::string const&> Handle>
  IdentityServer& on(std::string route, Handle handler) {
    std::lock_guard const lock{mutex_};
    handlers_[std::move(route)] = Handler{std::move(handler)};
    return *this;
  }
  IdentityServer& on(std::string route, Answer answer) {
    return on(std::move(route), [answer](std::string const&) { return answer; });
  }
  /// The usual discovery document, and tokens `t1`, `t2`, … of that life.
  IdentityServer& with_oauth(int expires_in = 3600) {
    on("GET /oidc/.well-known/oauth-authorization-server",
       {.body = R"({"authorization_endpoint":")" + url() + R"(/oidc/v1/authorize","token_endpoint":")" + url() +
                R"(/oidc/v1/token"})"});
    return on("POST /oidc/v1/token", [this, expires_in](std::string const&) {
      return Answer{.body = R"({"access_token":"t)" + std::to_string(++tokens_) +
                            R"(","token_type":"Bearer","expires_in":)" + std::to_string(expires_in) + "}"};
    });
  }
  /// The requests of a route.
  std::vector<std::string> requests(std::string const& route) const {
    std::lock_guard const lock{mutex_};
    auto const found = requests_.find(route);
    return found == requests_.end() ? std::vector<std::string>{} : found->second;
  }

 private:
  Answer find(std::string const& request) {
    auto const target_begin = request.find(' ') + 1;
    auto const route = request.substr(0, std::min(request.find(' ', target_begin), request.find('?', target_begin)));
    Handler handler;
    {
      std::lock_guard const lock{mutex_};
      requests_[route].push_back(request);
      if (auto const found = handlers_.find(route); found != handlers_.end()) handler = found->second;
    }
    return handler ? handler(request) : Answer{404, "{}", ""};
  }

  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::map<std::string, std::vector<std::string>> requests_;
  std::atomic<int> tokens_{0};
  FaultyServer server_;  // last: its threads use the rest
};

/// Sends everything to one server, whatever host it is for; the path is then `/host/path`.
class Rerouting final : public Transport {
 public:
  Rerouting(std::shared_ptr<Transport> real, std::string server) : real_(std::move(real)), server_(std::move(server)) {}

  HttpResponse send(HttpRequest const& request, TransportLimits const& limits) override {
    if (request.url.starts_with(server_)) return real_->send(request, limits);
    auto there = request;
    there.url = server_ + '/' + request.url.substr(request.url.find("://") + 3);
    return real_->send(there, limits);
  }

 private:
  std::shared_ptr<Transport> const real_;
  std::string const server_;
};

}  // namespace lakebase::tests
