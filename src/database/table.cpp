#include <lakebase/database_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace database;
using detail::Request;
using detail::Segment;

DatabaseTable DatabaseClient::create_database_table(DatabaseTable const& table) const {
  return detail::fetch<DatabaseTable>(api_, Request::post("/api/2.0/database/tables").body(table));
}

void DatabaseClient::delete_database_table(std::string_view name) const {
  detail::perform(api_, Request::del("/api/2.0/database/tables/{}", Segment{name}));
}

DatabaseTable DatabaseClient::get_database_table(std::string_view name) const {
  return detail::fetch<DatabaseTable>(api_, Request::get("/api/2.0/database/tables/{}", Segment{name}));
}

}  // namespace v0
}  // namespace lakebase
