#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"
#include "postgres/requests.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

DatabaseCredential PostgresClient::generate_database_credential(
    std::string_view endpoint, GenerateDatabaseCredentialOptions const& options) const {
  detail::GenerateDatabaseCredentialRequest const body{.claims = options.claims,
                                                       .endpoint = std::string{endpoint},
                                                       .expire_time = options.expire_time,
                                                       .group_name = options.group_name,
                                                       .ttl = options.ttl};
  // Safe: a credential that was never received does no harm, and minting one changes nothing else.
  return detail::fetch<DatabaseCredential>(
      api_, Request::post("/api/2.0/postgres/credentials").body(body).idempotency(detail::Idempotency::safe));
}

namespace postgres {

std::string token_of(DatabaseCredential const& credential) {
  if (credential.token && !credential.token->empty()) return *credential.token;
  bool const is_empty = !credential.expire_time;
  throw MissingField{
      "token",
      {.message = is_empty ? "the credential is empty: no service has filled it in"
                           : "the service sent a credential that expires at " + credential.expire_time->to_string() +
                                 ", but no token in it",
       .hint = is_empty ? "Pass what generate_database_credential returns." : "Request another credential."}};
}

}  // namespace postgres

}  // namespace v0
}  // namespace lakebase
