#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data_api/grammar/syntax.hpp"
#include "data_api/schema/catalog.hpp"

namespace lakebase::emulator::data_api {

/// SQL, and the values of its parameters. No value and no name that a client sends is in the SQL but as an identifier
/// that the catalog has, or that is quoted.
struct Statement {
  std::string sql;
  std::vector<std::string> parameters;
  bool has_hex_body = false;
};

/// How the rows are written.
enum class BodyForm {
  array,
  object,  ///< The first row.
  csv,
  scalar,  ///< Of a call, its value.
  text,    ///< The values of the only column, one after the other.
  bytes,   ///< Likewise, of type bytea, in hexadecimal digits.
  none,
};

/// What plans need besides a query.
struct PlanOptions {
  std::string schema;
  /// 0: all there are.
  std::int64_t max_rows = 0;
  bool aggregates = true;
  BodyForm form = BodyForm::array;
  /// Count all rows, whatever the range.
  bool counts = false;
};

/// Whether one value a row is asked for, and whether that is of type bytea.
enum class OneValue { no, text, bytes };
OneValue one_value(Table const* table, QueryTree const& tree);

/// The statements return one row: how many rows are in the body, the body, and, if it is counted, how many there
/// are in all, or the location of what was inserted; of an insert, how many rows are new.
Statement plan_read(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree);

struct Payload {
  /// JSON: an array of objects, or an object.
  std::string json;
  /// The columns that it sets.
  std::vector<std::string> columns;
  /// Absent members take the default of their column, and are no NULL.
  bool missing_as_default = false;
};

enum class OnConflict { fails, merge, ignore };

Statement plan_insert(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree,
                      Payload const& payload, OnConflict on_conflict, bool wants_location);
Statement plan_update(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree,
                      Payload const& payload);
Statement plan_delete(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree);

/// An argument's value: text, or a JSON object that has it, perhaps the first of a list.
struct BoundArgument {
  Argument const* argument;
  std::string value;
  bool is_json = false;
  /// Of a variadic one, instead of the value.
  std::vector<std::string> elements{};
};
Statement plan_call(Catalog const& catalog, PlanOptions const& options, Function const& function,
                    std::vector<BoundArgument> const& arguments, QueryTree const& tree);

}  // namespace lakebase::emulator::data_api
