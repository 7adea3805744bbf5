#pragma once

// Everything of the core library.

#include <lakebase/cxx20.hpp>

#ifdef LAKEBASE_HAS_CXX20
#include <lakebase/at.hpp>
#include <lakebase/call_options.hpp>
#include <lakebase/call_request.hpp>
#include <lakebase/clock.hpp>
#include <lakebase/config.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/current_user_client.hpp>
#include <lakebase/database/convenience.hpp>
#include <lakebase/database_client.hpp>
#include <lakebase/ensure.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/error.hpp>
#include <lakebase/events.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/hash.hpp>
#include <lakebase/json.hpp>
#include <lakebase/observer.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/pager.hpp>
#include <lakebase/postgres/ensure.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/postgres_client.hpp>
#include <lakebase/set_fields.hpp>
#include <lakebase/time.hpp>
#include <lakebase/transport.hpp>
#include <lakebase/version.hpp>
#include <lakebase/workspace_client.hpp>
#endif
