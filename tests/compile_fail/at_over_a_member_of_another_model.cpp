// error: each member that at is given belongs to the model that the one before it is
// errors: 1
#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;

auto hosts(Endpoint const& endpoint) {
#ifdef WRONG
  return lakebase::at(endpoint, &Endpoint::spec, &EndpointStatus::hosts);
#else
  return lakebase::at(endpoint, &Endpoint::status, &EndpointStatus::hosts);
#endif
}
