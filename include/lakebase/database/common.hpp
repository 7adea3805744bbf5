#pragma once

#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

// As in Python, the service's namespace also names the types that its models are made of.
namespace lakebase {
inline namespace v0 {
namespace database {

using lakebase::Duration;   ///< A span of time.
using lakebase::Enum;       ///< A value of an enumeration that may grow.
using lakebase::FieldMask;  ///< Which fields an update touches.
using lakebase::JsonText;   ///< JSON without a type.
using lakebase::Timestamp;  ///< A moment.

}  // namespace database
}  // namespace v0
}  // namespace lakebase
