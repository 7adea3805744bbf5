#pragma once

// Everything of lakebase::pq but the adapters for other libraries.

#include <lakebase/cxx20.hpp>

#ifdef LAKEBASE_HAS_CXX20
#include <lakebase/pq/branch_kit.hpp>
#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/connection_parameters.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/credential_provider.hpp>
#include <lakebase/pq/error.hpp>
#include <lakebase/pq/listener.hpp>
#include <lakebase/pq/pool.hpp>
#include <lakebase/pq/recovery.hpp>
#include <lakebase/pq/router.hpp>
#include <lakebase/pq/schema_diff.hpp>
#include <lakebase/pq/types.hpp>
#endif
