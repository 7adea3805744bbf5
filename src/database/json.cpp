#include <lakebase/database_client.hpp>

#include "database/models.def"
#include "database/requests.hpp"
#include "json/codec.hpp"

// One translation unit for all models of the service: with several, each would compile the JSON library again.
#define LAKEBASE_INSTANTIATE(Model) LAKEBASE_INSTANTIATE_MODEL_JSON(lakebase::database::Model)
LAKEBASE_DATABASE_MODELS(LAKEBASE_INSTANTIATE)

#define LAKEBASE_INSTANTIATE_REQUEST(Request) \
  template std::string lakebase::detail::encode(lakebase::detail::Request const&);
LAKEBASE_DATABASE_REQUESTS(LAKEBASE_INSTANTIATE_REQUEST)
