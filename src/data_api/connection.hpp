#pragma once

#include <memory>
#include <string>
#include <vector>

#include <lakebase/credentials.hpp>
#include <lakebase/data_api.hpp>

#include "base/json_text.hpp"
#include "call/api_client.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {
namespace detail {

/// The address of a Data API, and its credentials.
class Connection {
 public:
  /// `is_postgrest`: a plain PostgREST, which has the schema in a header and counts by estimation, too.
  /// @throws InvalidArgument if `base_url` is none that a token may be sent to
  Connection(std::shared_ptr<lakebase::detail::ApiClient const> api, std::string_view base_url,
             std::shared_ptr<CredentialsStrategy> credentials, bool is_postgrest = false);

  lakebase::detail::CallResponse run(Call const& call) const;
  std::string base_url() const { return origin_ + path_; }
  bool is_postgrest() const noexcept { return is_postgrest_; }

 private:
  std::shared_ptr<lakebase::detail::ApiClient const> api_;
  std::string origin_;
  std::string path_;
  std::shared_ptr<CredentialsStrategy> credentials_;
  bool is_postgrest_;
};

/// Database credentials for an endpoint.
std::shared_ptr<CredentialsStrategy> database_credentials(PostgresClient const& postgres, std::string endpoint,
                                                          std::shared_ptr<Clock> clock);
/// What the workspace is called with, if the Data API takes it: no personal access token.
std::shared_ptr<CredentialsStrategy> workspace_credentials(std::shared_ptr<lakebase::detail::ApiClient const> api);

/// @throws InvalidArgument for names that the schema does not have
void check_names(Connection const& connection, std::string const& schema, std::vector<TableNames> const& tables);

/// The `details` of an error's body: a text, or the JSON of candidates.
std::string details_of(lakebase::detail::Json const& body);
/// Takes what the body of an error says, and what to do about it. False if it is no error of the Data API.
bool take_error(ErrorFacts& facts, std::string const& body);
/// What to do about an error of the Data API; empty: nothing is known.
std::string remedy(ErrorFacts const& facts);

}  // namespace detail
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
