#pragma once

// All types that values are read as and parameters are made of.

#include <lakebase/pq/type_array.hpp>
#include <lakebase/pq/type_bytes.hpp>
#include <lakebase/pq/type_enum.hpp>
#include <lakebase/pq/type_interval.hpp>
#include <lakebase/pq/type_json.hpp>
#include <lakebase/pq/type_numeric.hpp>
#include <lakebase/pq/type_range.hpp>
#include <lakebase/pq/type_row.hpp>
#include <lakebase/pq/type_text.hpp>
#include <lakebase/pq/type_time.hpp>
