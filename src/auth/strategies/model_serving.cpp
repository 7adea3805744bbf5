#include <filesystem>

#include <fmt/format.h>

#include "auth/auth_http.hpp"
#include "auth/strategies.hpp"
#include "auth/strategies/id_tokens.hpp"
#include "base/ascii.hpp"
#include "config/model_serving.hpp"

// The token in a file that Databricks Model Serving writes for the program that it runs, and replaces from time to
// time.

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view model_serving_name = "model-serving";
constexpr auto read_again_after = std::chrono::minutes{5};
// The file is replaced while the program runs, and may be read halfway.
constexpr auto pause_before_second_read = std::chrono::milliseconds{500};

std::string token_path(AuthContext const& context) {
  std::string folder{trim(context.variable("SERVING_CREDENTIALS_DIR"))};
  if (folder.empty()) folder = "/var/credentials-secret";
  return folder + "/model-dependencies-oauth-token";
}

std::string read_token_text(AuthContext const& context) {
  auto const path = token_path(context);
  auto const json = parse_json(read_token_file(path, model_serving_name));
  auto const list = json.is_object() ? json.find("OAUTH_TOKEN") : json.end();
  auto token = list != json.end() && list->is_array() && !list->empty() ? text_of(list->front(), "oauthTokenValue")
                                                                        : std::string{};
  if (!token.empty()) return token;
  throw AuthError{std::string{model_serving_name},
                  ErrorFacts{.message = fmt::format("the file {} holds no OAUTH_TOKEN[0].oauthTokenValue", path)}};
}

std::string read_twice(AuthContext const& context, CredentialsLimits const& limits) {
  try {
    return read_token_text(context);
  } catch (AuthError const& error) {
    context.logger.write(LogLevel::debug, error.what());
  }
  context.clock->sleep_until(context.clock->now() + pause_before_second_read, limits.stop);
  check_time(limits, *context.clock, model_serving_name);
  return read_token_text(context);
}

}  // namespace

std::string why_not_model_serving(AuthContext const& context) {
  if (!is_in_model_serving([&](std::string_view variable) { return context.variable(variable); })) {
    return "the program does not run in Databricks Model Serving";
  }
  if (auto reason = first_unset(context, {"host"}); !reason.empty()) return reason;
  auto const path = token_path(context);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return fmt::format("the file {} does not exist", path);
  return {};
}

std::shared_ptr<CredentialsStrategy> make_model_serving(AuthContextPointer context) {
  return make_token_strategy(
      model_serving_name, context,
      [context](CredentialsLimits const& limits, std::string_view) {
        return Token{.access_token = read_twice(*context, limits),
                     .expiry = context->clock->system_now() + read_again_after};
      },
      false);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
