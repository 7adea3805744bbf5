#include "data_api/serve/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/json.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator::data_api {
namespace {

int status_of(std::string const& state, bool anonymous) {
  auto const is_of = [&](std::string_view code) { return std::string_view{state}.starts_with(code); };
  if (state == "42501") return anonymous ? 401 : 403;
  if (state == "25006") return 405;
  if (state == "23503" || state == "23505") return 409;
  if (state == "42883" || state == "42P01") return 404;
  if (state == "53400") return 500;
  if (is_of("08") || is_of("53")) return 503;
  for (auto const code : {"28", "0L", "0P"}) {
    if (is_of(code)) return 403;
  }
  for (auto const code : {"25", "40", "54", "55", "57", "58", "XX"}) {
    if (is_of(code)) return 500;
  }
  return 400;
}

int status_in(std::string_view digits) {
  int status = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return error == std::errc{} && end == digits.data() + digits.size() && status >= 200 && status < 600 ? status : 500;
}

std::string text_in(Json const& json, char const* name) {
  return json.is_object() && json.contains(name) && json.at(name).is_string() ? json.at(name).get<std::string>() : "";
}

// The type and the length of a response are the server's own.
bool is_own_header(std::string_view name) {
  constexpr std::array<std::string_view, 4> own{"connection", "content-length", "content-type", "transfer-encoding"};
  return std::find(own.begin(), own.end(), to_lower(name)) != own.end();
}

bool are_headers(Json const& json) {
  if (!json.is_object()) return false;
  for (auto const& [name, value] : json.items()) {
    if (!is_token(name) || !value.is_string()) return false;
  }
  return true;
}

bool is_status(Json const& json) {
  if (!json.is_number_integer()) return false;
  auto const status = json.get<std::int64_t>();
  return status >= 200 && status < 600;
}

// RAISE SQLSTATE 'PGRST' carries the whole response as JSON.
ApiError raised(DataPlaneError const& error) {
  auto const message = Json::parse(error.what(), nullptr, false);
  auto const detail = Json::parse(error.detail(), nullptr, false);
  bool const fits = message.is_object() && detail.is_object() && detail.contains("status") &&
                    is_status(detail.at("status")) && detail.contains("headers") && are_headers(detail.at("headers"));
  if (!fits) {
    return {500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error", error.what(),
            "MESSAGE must have code and message, DETAIL must have status and headers."};
  }
  ApiError whole{detail.at("status").get<int>(), text_in(message, "code"), text_in(message, "message"),
                 text_in(message, "details"), text_in(message, "hint")};
  for (auto const& [name, value] : detail.at("headers").items()) {
    if (!is_own_header(name)) whole.add_header(name, value.get<std::string>());
  }
  return whole;
}

}  // namespace

ApiError error_of(DataPlaneError const& error, bool anonymous) {
  auto const& state = error.sqlstate();
  if (state.empty() || state == "08001") {
    return {503, "PGRST001", "Database client error. Retrying the connection.", error.what()};
  }
  if (state == "PGRST") return raised(error);
  if (state.starts_with("PT")) {
    return {status_in(std::string_view{state}.substr(2)), state, error.what(), error.detail(), error.hint()};
  }
  return {status_of(state, anonymous), state, error.what(), error.detail(), error.hint()};
}

ApiError error_of_role(DataPlaneError const& error, std::string const& role, bool anonymous) {
  auto const& state = error.sqlstate();
  bool const is_missing = state == "22023" || state == "42704";
  if (anonymous && (is_missing || state == "42501")) {
    return {401,
            "PGRST302",
            "Anonymous access is disabled",
            {},
            fmt::format("Send a token, or let the role authenticator be \"{}\".", role)};
  }
  if (is_missing) {
    return {401, "PGRST301", "invalid token permissions", fmt::format("There is no role \"{}\".", role),
            "Create it with databricks_create_role, and grant it to authenticator."};
  }
  if (state == "42501") {
    return {403,
            state,
            fmt::format("permission denied to set role \"{}\"", role),
            {},
            "The role must be granted to authenticator, and the owner of a project cannot use the Data API."};
  }
  return error_of(error, anonymous);
}

bool has_ended(DataPlaneError const& error) {
  auto const& state = error.sqlstate();
  return state.starts_with("08") || state.starts_with("57P");
}

}  // namespace lakebase::emulator::data_api
