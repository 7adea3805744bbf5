#include <utility>

#include <lakebase/error.hpp>

#include "auth/token_source.hpp"
#include "base/redaction.hpp"
#include "call/session.hpp"
#include "data_api/connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {
namespace detail {

namespace {

using lakebase::detail::Token;
using lakebase::detail::TokenSource;

constexpr std::string_view bearer = "Bearer ";

class DatabaseCredentials final : public CredentialsStrategy {
 public:
  DatabaseCredentials(PostgresClient postgres, std::string endpoint, std::shared_ptr<Clock> clock)
      : tokens_(
            [postgres = std::move(postgres), endpoint = std::move(endpoint), clock](CredentialsLimits const& limits,
                                                                                    std::string_view) {
              CallOptions options{.stop = limits.stop};
              if (limits.deadline) options.timeout = *limits.deadline - clock->now();
              auto const credential = postgres.with(std::move(options)).generate_database_credential(endpoint);
              Token token{.access_token = postgres::token_of(credential)};
              if (credential.expire_time) token.expiry = credential.expire_time->to_chrono();
              return token;
            },
            clock) {}

  std::string_view name() const noexcept override { return "database-credential"; }
  Headers headers(CredentialsLimits const& limits) override {
    return {{"Authorization", tokens_.token(limits)->authorization()}};
  }
  bool invalidate(Headers const& refused) override {
    auto const value = find_header(refused, "Authorization");
    return value && value->starts_with(bearer) && tokens_.invalidate(value->substr(bearer.size()));
  }

 private:
  TokenSource tokens_;
};

class WorkspaceCredentials final : public CredentialsStrategy {
 public:
  explicit WorkspaceCredentials(std::shared_ptr<lakebase::detail::ApiClient const> api) : api_(std::move(api)) {}

  std::string_view name() const noexcept override { return inner().name(); }
  Headers headers(CredentialsLimits const& limits) override {
    auto headers = inner().headers(limits);
    auto const value = find_header(headers, "Authorization");
    if (value && value->starts_with("Bearer dapi")) {
      throw AuthError{"pat", ErrorFacts{.message = "the Data API takes no personal access token, as that is no JWT",
                                        .hint = "Name the branch or the database instead of a URL, or set "
                                                "DataApiOptions::endpoint, so that a database credential is requested; "
                                                "or log in by OAuth."}};
    }
    return headers;
  }
  bool invalidate(Headers const& refused) override { return inner().invalidate(refused); }

 private:
  CredentialsStrategy& inner() const noexcept { return api_->session().credentials(); }

  std::shared_ptr<lakebase::detail::ApiClient const> api_;
};

}  // namespace

std::shared_ptr<CredentialsStrategy> database_credentials(PostgresClient const& postgres, std::string endpoint,
                                                          std::shared_ptr<Clock> clock) {
  return std::make_shared<DatabaseCredentials>(postgres, std::move(endpoint), std::move(clock));
}

std::shared_ptr<CredentialsStrategy> workspace_credentials(std::shared_ptr<lakebase::detail::ApiClient const> api) {
  return std::make_shared<WorkspaceCredentials>(std::move(api));
}

}  // namespace detail
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
