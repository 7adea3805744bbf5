#include <lakebase/workspace_client.hpp>

#include <array>

#include "call/api_client.hpp"
#include "call/raw_request.hpp"
#include "database/service.hpp"
#include "postgres/service.hpp"

namespace lakebase {
inline namespace v0 {

namespace {

constexpr std::array services{detail::postgres_service, detail::database_service};

// A call by its path may be one of any service.
std::string advice_of_all(ErrorFacts const& facts) {
  for (auto const& service : services) {
    if (facts.path.starts_with(service.root)) return service.advise(facts);
  }
  return {};
}

}  // namespace

WorkspaceClient::WorkspaceClient(Config const& config)
    : WorkspaceClient(FromApi{},
                      std::make_shared<detail::ApiClient const>(config, detail::Service{.advise = advice_of_all})) {}

WorkspaceClient::WorkspaceClient(FromApi /*tag*/, std::shared_ptr<detail::ApiClient const> api)
    : api_(std::move(api)),
      postgres(PostgresClient::FromApi{}, api_->of(detail::postgres_service)),
      database(DatabaseClient::FromApi{}, api_->of(detail::database_service)),
      current_user(CurrentUserClient::FromApi{}, api_) {}

WorkspaceClient WorkspaceClient::with(CallOptions options) const {
  return WorkspaceClient{FromApi{}, api_->with(std::move(options))};
}

std::string WorkspaceClient::call(std::string_view verb, std::string_view path, CallRequest const& request) const {
  return api_->send(detail::raw_request(verb, path, request));
}

Config const& WorkspaceClient::config() const& noexcept {
  return api_->config();
}

}  // namespace v0
}  // namespace lakebase
