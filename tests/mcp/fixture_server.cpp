// The fixtures over stdio, or with --http over HTTP, whose URL is the first line on standard output.
//
//   mcp_fixture_server [--http [TOKEN]]

#include <cstdio>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "fixtures.hpp"
#include "mcp/protocol/transport/http_posix.hpp"
#include "mcp/protocol/transport/stdio_posix.hpp"

int main(int count, char** arguments) {
  using namespace lakebase::mcp;
  Server* told = nullptr;
  Server server{fixtures::features([&](std::string const& kind) { told->list_changed(kind); })};
  told = &server;
  if (count < 2 || std::string_view{arguments[1]} != "--http") {
    serve_stdio(server);
    return 0;
  }
  HttpServer const http{server, {.token = count > 2 ? arguments[2] : ""}};
  fmt::print("http://127.0.0.1:{}/mcp\n", http.port());
  std::fflush(stdout);
  // Until who started it closes its end.
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
}
