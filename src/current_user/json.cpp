#include <lakebase/current_user_client.hpp>

#include "json/codec.hpp"

LAKEBASE_INSTANTIATE_JSON(lakebase::iam::User)
LAKEBASE_INSTANTIATE_RESPONSE_JSON(lakebase::iam::User)
