// Nothing to run: that this compiles is the test. Every member of a model is in its describe, or the build stops here
// and names the struct.

#include <lakebase/postgres_client.hpp>

#include "arity.hpp"
#include "postgres/models.def"
#include "postgres/requests.hpp"

namespace lakebase::tests {
namespace {

#define LAKEBASE_CHECK_ARITY(Model)                                                    \
  static_assert(member_count<postgres::Model>() == described_count<postgres::Model>(), \
                #Model "::describe does not list as many members as the struct has");
LAKEBASE_POSTGRES_MODELS(LAKEBASE_CHECK_ARITY)

#define LAKEBASE_CHECK_REQUEST_ARITY(Request)                                          \
  static_assert(member_count<detail::Request>() == described_count<detail::Request>(), \
                #Request "::describe does not list as many members as the struct has");
LAKEBASE_POSTGRES_REQUESTS(LAKEBASE_CHECK_REQUEST_ARITY)

}  // namespace
}  // namespace lakebase::tests
