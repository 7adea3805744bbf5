// error: the first member must be one of the model
// errors: 1
#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;

std::string name(Endpoint const& endpoint) {
#ifdef WRONG
  return lakebase::at(endpoint, &Branch::name);
#else
  return lakebase::at(endpoint, &Endpoint::name);
#endif
}
