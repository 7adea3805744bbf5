// error: begin at the model: at(e, &Endpoint::status, ...)
// errors: 1
#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;

std::string host(Endpoint const& e) {
#ifdef WRONG
  return lakebase::at(e.status, &EndpointStatus::hosts, &EndpointHosts::host);
#else
  return lakebase::at(e, &Endpoint::status, &EndpointStatus::hosts, &EndpointHosts::host);
#endif
}
