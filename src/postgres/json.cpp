#include <lakebase/postgres_client.hpp>

#include "json/codec.hpp"
#include "postgres/models.def"
#include "postgres/requests.hpp"

// One translation unit for all models of the service: with several, each would compile the JSON library again.
#define LAKEBASE_INSTANTIATE(Model) LAKEBASE_INSTANTIATE_MODEL_JSON(lakebase::postgres::Model)
LAKEBASE_POSTGRES_MODELS(LAKEBASE_INSTANTIATE)

#define LAKEBASE_INSTANTIATE_REQUEST(Request) \
  template std::string lakebase::detail::encode(lakebase::detail::Request const&);
LAKEBASE_POSTGRES_REQUESTS(LAKEBASE_INSTANTIATE_REQUEST)
