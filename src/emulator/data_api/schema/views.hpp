#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "data_api/schema/catalog.hpp"

namespace lakebase::emulator::data_api {

/// A column of a view that is a column of a relation, by numbers of PostgreSQL's catalog.
struct ShownColumn {
  int number = 0;
  /// Its oid; empty: none, for the column is computed.
  std::string relation{};
  int column = 0;
  friend bool operator==(ShownColumn const&, ShownColumn const&) = default;
};

/// What a view shows unchanged. @param rule `pg_rewrite.ev_action` of it
std::vector<ShownColumn> shown_columns(std::string_view rule);

/// Gives views the keys of the tables behind them, as far as they show their columns. @throws DataPlaneError
void add_view_keys(DatabaseSession& session, Catalog& catalog);

}  // namespace lakebase::emulator::data_api
