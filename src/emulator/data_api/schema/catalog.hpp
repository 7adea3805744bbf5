#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"

// What a database shows to the Data API. It is asked for once, and again when somebody says so.
namespace lakebase::emulator::data_api {

struct Column {
  std::string name;
  /// As PostgreSQL writes it, with its schema where that is needed.
  std::string type;
  bool nullable = true;
  /// An expression of SQL; empty: none.
  std::string default_value;
  /// The type, or that which a domain is made of.
  std::string base_type;
};

struct Table {
  std::string schema;
  std::string name;
  bool is_view = false;
  std::vector<Column> columns;
  /// The primary key; of a view, those of the tables behind it, by its own names.
  std::vector<std::string> key;
  /// Functions of its schema that take one of its rows.
  std::vector<Column> computed{};
  /// What can be done with its rows, whoever may.
  bool takes_inserts = false;
  bool takes_updates = false;
  bool takes_deletes = false;

  Column const* find(std::string_view column) const;
  Column const* find_computed(std::string_view column) const;
};

/// A foreign key, or what a view has of one.
struct ForeignKey {
  std::string name;
  std::string schema, table;
  std::vector<std::string> columns;
  std::string to_schema, to_table;
  std::vector<std::string> to_columns;
  /// At most one row refers to each.
  bool is_unique = false;
  /// All of its columns are in the primary key of its table.
  bool in_key = false;
  bool is_of_view = false;
  bool is_to_view = false;
};

struct Argument {
  std::string name;
  std::string type;
  bool required = true;
  bool variadic = false;
};

struct Function {
  std::string schema;
  std::string name;
  std::vector<Argument> arguments;
  /// Of what it returns: whether it is rows of several columns, and of which table or view.
  bool returns_set = false;
  bool returns_rows = false;
  bool returns_void = false;
  std::string return_type;
  std::string row_schema, row_table;
  std::vector<std::string> row_columns;
  /// Cannot change anything.
  bool is_stable = false;
  /// The table or view whose row is its only argument; empty: it takes something else.
  std::string of_schema{}, of_table{};
};

/// Of the schemas that are exposed, and nothing else.
struct Catalog {
  /// Which reading of the database it is, from 1 on.
  std::uint64_t version = 1;
  std::vector<std::string> schemas;
  std::vector<Table> tables;
  std::vector<ForeignKey> keys;
  std::vector<Function> functions;

  Table const* find_table(std::string_view schema, std::string_view name) const;
  std::vector<Function const*> find_functions(std::string_view schema, std::string_view name) const;
};

/// Asks a database. @throws DataPlaneError
Catalog read_catalog(DatabaseSession& session, std::vector<std::string> const& schemas);

/// The name among these that is most like it; empty: none is like it.
std::string nearest(std::string_view name, std::vector<std::string> const& names);

}  // namespace lakebase::emulator::data_api
