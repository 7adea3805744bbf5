#pragma once

#include <memory>

#include <lakebase/pq/connection_source.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The clock for connecting to `source`: `own` if set, else the source's, else the machine's.
inline std::shared_ptr<Clock> clock_for(ConnectionSource const& source, std::shared_ptr<Clock> const& own) {
  if (own) return own;
  return source.clock ? source.clock : make_system_clock();
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
