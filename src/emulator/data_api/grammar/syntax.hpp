#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a query string says, as a tree. Nothing here knows a table.
namespace lakebase::emulator::data_api {

/// A column, and what is taken out of its JSON: `data->a->>b`.
struct ColumnPath {
  struct Step {
    std::string key;
    bool as_text = false;
    bool is_index = false;
    friend bool operator==(Step const&, Step const&) = default;
  };
  std::string column;
  std::vector<Step> steps{};
  friend bool operator==(ColumnPath const&, ColumnPath const&) = default;
};

enum class Quantifier { none, any, all };

/// `not.like(any).{a*,b*}`
struct Filter {
  ColumnPath path;
  bool negated = false;
  std::string op;
  Quantifier quantifier = Quantifier::none;
  /// Of a full-text search.
  std::string language{};
  std::string value{};
  /// Of `in`.
  std::vector<std::string> list{};
  friend bool operator==(Filter const&, Filter const&) = default;
};

/// A filter, or conditions that are joined.
struct Condition {
  enum class Kind { filter, all, any };
  Kind kind = Kind::filter;
  bool negated = false;
  Filter filter{};
  std::vector<Condition> parts{};
  friend bool operator==(Condition const&, Condition const&) = default;
};

struct OrderTerm {
  /// The embedded resource whose column it is; empty: its own.
  std::string relation{};
  ColumnPath path;
  bool descending = false;
  std::optional<bool> nulls_first{};
  friend bool operator==(OrderTerm const&, OrderTerm const&) = default;
};

struct SelectItem {
  enum class Kind { column, embed, spread };
  Kind kind = Kind::column;
  std::string alias{};
  /// Of an embedded resource, `column` is its name. Of a count of rows it is empty.
  ColumnPath path;
  std::string cast{};
  /// `sum` and so on; empty: none.
  std::string aggregate{};
  std::string aggregate_cast{};
  /// Which of several relations it is.
  std::string hint{};
  bool inner = false;
  std::vector<SelectItem> items{};
  friend bool operator==(SelectItem const&, SelectItem const&) = default;
};

/// What is asked of one resource, the request's own or an embedded one.
struct Scope {
  std::vector<Condition> conditions;
  std::vector<OrderTerm> order;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> offset;
};

struct QueryTree {
  std::vector<SelectItem> select;
  /// By the path of the embedded resource from the request's own, which is at the empty one.
  std::vector<std::pair<std::vector<std::string>, Scope>> scopes;
  std::optional<std::vector<std::string>> columns;
  std::vector<std::string> on_conflict;
  /// Of a call: its arguments, in their order.
  std::vector<std::pair<std::string, std::string>> arguments;

  /// The one at this path, which is made if it is not there.
  Scope& at(std::vector<std::string> const& path);
};

}  // namespace lakebase::emulator::data_api
