#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

postgres::Operation PostgresClient::get_operation(std::string_view name) const {
  return detail::fetch<postgres::Operation>(api_, Request::get("/api/2.0/postgres/{}", name));
}

}  // namespace v0
}  // namespace lakebase
