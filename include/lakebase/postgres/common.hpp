#pragma once

#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

// As in Python, the service's namespace also names the types that its models are made of.
namespace lakebase::inline v0::postgres {

using lakebase::Duration;
using lakebase::Enum;
using lakebase::FieldMask;
using lakebase::JsonText;
using lakebase::Timestamp;

}  // namespace lakebase::inline v0::postgres
