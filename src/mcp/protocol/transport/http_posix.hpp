#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "mcp/protocol/dispatch/server.hpp"

namespace lakebase::mcp {

struct HttpOptions {
  std::string address = "127.0.0.1";
  /// 0 means any.
  std::uint16_t port = 0;
  std::string path = "/mcp";
  /// The bearer token that each request must show; empty: none.
  std::string token{};
  /// A response that is there by then comes as JSON with its status; what takes longer, as a stream.
  std::chrono::milliseconds stream_after{50};
};

/// Serves the Streamable HTTP of both eras from its constructor to its destructor.
class HttpServer {
 public:
  /// @throws std::runtime_error if it cannot listen there
  HttpServer(Server& server, HttpOptions options);
  ~HttpServer();
  HttpServer(HttpServer const&) = delete;
  HttpServer& operator=(HttpServer const&) = delete;

  [[nodiscard]] int port() const;

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lakebase::mcp
