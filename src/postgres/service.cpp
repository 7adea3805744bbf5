#include "postgres/service.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

Request poll_of_postgres(std::string_view operation_name) {
  return Request::get("/api/2.0/postgres/{}", operation_name);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
