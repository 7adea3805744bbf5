#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/ascii.hpp"
#include "data_api/serve/api.hpp"

namespace lakebase::emulator::data_api {
namespace {

// Those that a page asks for, besides those that it may send anyway.
std::string allowed_headers(std::string_view asked) {
  std::string allowed = "Authorization, ";
  while (!asked.empty()) {
    auto const end = std::min(asked.find(','), asked.size());
    if (auto const name = trimmed(asked.substr(0, end)); is_token(name)) allowed += fmt::format("{}, ", name);
    asked.remove_prefix(std::min(end + 1, asked.size()));
  }
  return allowed + "Accept, Accept-Language, Content-Language";
}

}  // namespace

bool is_preflight(HttpRequest const& request) {
  return request.method == "OPTIONS" && !request.origin.empty() &&
         !request.header("access-control-request-method").empty();
}

void add_cors_headers(HttpRequest const& request, ApiSettings const& settings, HttpReply& reply) {
  if (request.origin.empty()) return;
  auto const& origins = settings.cors_origins;
  bool const any = origins.empty() || std::find(origins.begin(), origins.end(), "*") != origins.end();
  if (!any && std::find(origins.begin(), origins.end(), request.origin) == origins.end()) return;
  reply.headers.emplace_back("Access-Control-Allow-Origin", any ? "*" : request.origin);
  if (!any) reply.headers.emplace_back("Vary", "Origin");
  if (is_preflight(request)) {
    reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
    reply.headers.emplace_back("Access-Control-Allow-Headers",
                               allowed_headers(request.header("access-control-request-headers")));
    reply.headers.emplace_back("Access-Control-Max-Age", "86400");
  } else {
    reply.headers.emplace_back(
        "Access-Control-Expose-Headers",
        "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, "
        "Transfer-Encoding, Range-Unit");
  }
}

}  // namespace lakebase::emulator::data_api
