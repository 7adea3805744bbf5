#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

Table PostgresClient::create_table(Table const& table) const {
  return detail::fetch<Table>(api_, Request::post("/api/2.0/postgres/tables").body(table));
}

void PostgresClient::delete_table(std::string_view name) const {
  detail::perform(api_, Request::del("/api/2.0/postgres/tables/{}", name));
}

Table PostgresClient::get_table(std::string_view name) const {
  return detail::fetch<Table>(api_, Request::get("/api/2.0/postgres/tables/{}", name));
}

}  // namespace v0
}  // namespace lakebase
