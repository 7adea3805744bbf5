#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "base/text/uuid.hpp"
#include "call/call.hpp"
#include "database/names.hpp"
#include "database/requests.hpp"

namespace lakebase {
inline namespace v0 {

using namespace database;
using detail::Request;

DatabaseCredential DatabaseClient::generate_database_credential(
    GenerateDatabaseCredentialOptions const& options) const {
  if (options.instance_names.empty() && options.claims.empty()) {
    throw InvalidArgument{
        ErrorFacts{.message = "a credential for neither an instance nor a claim",
                   .hint = "Name instances: generate_database_credential({.instance_names = {\"my-instance\"}})."}};
  }
  for (auto const& name : options.instance_names) static_cast<void>(detail::instance_segment(name));
  detail::GenerateInstanceCredentialRequest const body{.claims = options.claims,
                                                       .instance_names = options.instance_names,
                                                       .request_id = detail::request_id_or_new(options.request_id)};
  // Safe: a credential that was never received does no harm, and minting one changes nothing else.
  return detail::fetch<DatabaseCredential>(
      api_, Request::post("/api/2.0/database/credentials").body(body).idempotency(detail::Idempotency::safe));
}

namespace database {

std::string token_of(DatabaseCredential const& credential) {
  if (credential.token && !credential.token->empty()) return *credential.token;
  bool const is_empty = !credential.expiration_time;
  throw MissingField{
      "token",
      {.message = is_empty ? "the credential is empty: no service has filled it in"
                           : "the service sent a credential that expires at " + *credential.expiration_time +
                                 ", but no token in it",
       .hint = is_empty ? "Pass what generate_database_credential returns." : "Request another credential."}};
}

}  // namespace database

}  // namespace v0
}  // namespace lakebase
