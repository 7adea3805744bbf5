#pragma once

#include <memory>
#include <string>

#include "common/computes.hpp"
#include "sync/source.hpp"

namespace lakebase::emulator {

/// A table of a database of the emulator.
struct SourceTable {
  std::string branch_uid;
  std::string database;
  std::string schema;
  std::string table;
};

/// The rows of a table, or of a view, as the owner of its database sees them. Nothing is changed there, so that what
/// has changed is found by reading all of it.
std::unique_ptr<Source> make_table_source(Computes& computes, SourceTable table);

}  // namespace lakebase::emulator
