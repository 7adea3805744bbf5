#pragma once

#include <lakebase/pq/connection_source.hpp>

#include "benchmark/orders.hpp"

namespace lakebase::benchmarks {

/// As a program with libpqxx 6 would write it, on a connection of its own. The table `orders` has its rows already.
Peer rows_by_libpqxx(pq::ConnectionSource const& source);

}  // namespace lakebase::benchmarks
