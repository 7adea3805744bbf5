#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/http_limits.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator {

/// A small HTTP/1.1 server with keep-alive for programs on the same machine; it refuses pages in browsers.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(HttpRequest const&)>;

  /// Binds the port; 0 means any. @param takes_pages see `refuse_pages`
  /// @throws std::runtime_error if it is not free
  HttpServer(std::string const& address, std::uint16_t port, HttpLimits const& limits = {}, bool takes_pages = false);
  ~HttpServer();
  HttpServer(HttpServer const&) = delete;
  HttpServer& operator=(HttpServer const&) = delete;

  std::uint16_t port() const;
  /// `http://127.0.0.1:8080`
  std::string url() const;

  /// Starts to serve. The handler is called from many threads at a time, and must not throw.
  void serve(Handler handler);
  /// Sends the responses to requests at work, and ends. Idle connections do not delay it.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lakebase::emulator
