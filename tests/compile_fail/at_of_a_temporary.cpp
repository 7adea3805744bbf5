// error: would dangle: keep the model in a variable first
#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;

std::string host(lakebase::PostgresClient const& client) {
#ifdef WRONG
  return lakebase::at(client.get_endpoint("e"), &Endpoint::status, &EndpointStatus::hosts, &EndpointHosts::host);
#else
  auto const endpoint = client.get_endpoint("e");
  return lakebase::at(endpoint, &Endpoint::status, &EndpointStatus::hosts, &EndpointHosts::host);
#endif
}
