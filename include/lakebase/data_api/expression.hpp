#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/export.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {
namespace data_api {

namespace detail {

/// Writes expressions as JSON, for transactions.
class StatementWriter;

/// One step into JSON or an array.
struct Step {
  std::string arrow{};
  std::string key{};
  bool is_index = false;
};

}  // namespace detail

/// A value of a condition, as the text that PostgreSQL reads it from. Any text is safe: it is quoted where it is put.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: owns its text.
class LAKEBASE_EXPORT Value {
 public:
  // Implicit, so that `col("a") > 5` reads as it does in SQL.
  // NOLINTBEGIN(google-explicit-constructor)
  /// null: `== nullptr` is `is null`.
  Value(std::nullptr_t) : is_null_(true) {}
  /// A boolean.
  Value(bool value) : text_(value ? "true" : "false") {}
  /// An integer.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>) Value(Integer value)
      : text_(std::to_string(value)) {}
  /// A floating-point number, to its last digit.
  Value(double value);
  /// No address, which would be a boolean.
  template <class T>
  Value(T const*) = delete;
  /// Text, and every type that has no own constructor here: a numeric, a uuid, an interval.
  Value(char const* text) : text_(text) {}
  /// As above.
  Value(std::string text) : text_(std::move(text)) {}
  /// As above.
  Value(std::string_view text) : text_(text) {}
  /// JSON, for `contains` and its like.
  Value(JsonText json) : text_(std::move(json.text)) {}
  /// A moment.
  Value(Timestamp const& moment) : text_(moment.to_string()) {}
  /// A date.
  Value(std::chrono::year_month_day date);
  /// An array.
  template <class T>
  Value(std::vector<T> const& items) : Value(array(std::vector<Value>(items.begin(), items.end()))) {}
  // NOLINTEND(google-explicit-constructor)

  /// An array of these values.
  [[nodiscard]] static Value array(std::vector<Value> const& items);

  /// Whether it is null.
  [[nodiscard]] bool is_null() const noexcept { return is_null_; }
  /// What PostgreSQL reads. Valid as long as this object.
  [[nodiscard]] std::string const& text() const noexcept { return text_; }

 private:
  std::string text_{};
  bool is_null_ = false;
};

/// A range from `low` to below `high`, for `overlaps` and its like.
[[nodiscard]] LAKEBASE_EXPORT Value range(Value const& low, Value const& high);

/// What rows have to meet: made of comparisons of columns, joined by `&&`, `||` and `!`.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: owns all its parts.
class LAKEBASE_EXPORT Condition {
 public:
  /// What it is made as.
  enum class Kind {
    comparison,  ///< One operator, applied to a column.
    all,         ///< Each of its parts holds.
    any,         ///< One of its parts holds.
  };

  /// Both hold.
  friend Condition operator&&(Condition left, Condition right) {
    return join(Kind::all, std::move(left), std::move(right));
  }
  /// One of them holds.
  friend Condition operator||(Condition left, Condition right) {
    return join(Kind::any, std::move(left), std::move(right));
  }
  /// It does not hold. As in SQL, what is unknown for a null stays unknown.
  friend Condition operator!(Condition condition) {
    condition.negated_ = !condition.negated_;
    return condition;
  }

  /// The parameters of a query string that select the rows, not yet percent-encoded.
  /// @throws InvalidArgument for a `parameter` or a column of an embedded relation within `||`, or within a negation
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> parameters() const;

 private:
  friend class Column;
  friend class detail::StatementWriter;
  friend LAKEBASE_EXPORT Condition parameter(std::string name, std::string value);
  Condition() = default;
  static Condition join(Kind kind, Condition left, Condition right);
  std::string in_tree() const;
  std::string operand(bool in_tree) const;
  std::string parts_text() const;

  Kind kind_ = Kind::comparison;
  bool negated_ = false;
  std::string column_{};
  std::vector<detail::Step> steps_{};
  std::string path_{};    // column and steps, as a query string has them
  bool is_plain_ = true;  // may be the name of a parameter
  bool is_embedded_ = false;
  bool is_verbatim_ = false;
  std::string op_{};
  std::string modifier_{};  // in parentheses behind it
  std::vector<Value> values_{};
  bool is_list_ = false;
  std::vector<Condition> parts_{};
};

/// A parameter of the query string as it stands, for what has no function here: `parameter("tags", "cs.{a,b}")`, also
/// `select` and `order`. Nothing in it is quoted. It is joined by `&&` only.
[[nodiscard]] LAKEBASE_EXPORT Condition parameter(std::string name, std::string value);

/// A column, or a value inside of one, to be compared, selected or sorted by; see `col`.
///
/// Thread safety: a plain value.
/// Exceptions: what a function names, and std::bad_alloc.
/// Lifetime: owns its text.
class LAKEBASE_EXPORT Column {
 public:
  /// A column of that name, whatever characters it has; `*` in a selection is all of them.
  /// @throws InvalidArgument if the name is empty
  explicit Column(std::string_view name);
  /// A column of an embedded relation, for conditions, and for orders if each row has one such row at most.
  /// @throws InvalidArgument if a name is empty
  Column(std::string_view embedded, std::string_view name);

  /// A member of a json column, as JSON: `->key`.
  [[nodiscard]] Column operator[](std::string_view key) const { return step("->", key); }
  /// An element of an array, as JSON: `->0`.
  [[nodiscard]] Column operator[](int index) const { return step(index); }
  /// A member of a json column, as text: `->>key`.
  [[nodiscard]] Column text(std::string_view key) const { return step("->>", key); }

  /// Equal; with nullptr: is null.
  friend Condition operator==(Column const& c, Value const& v) {
    return v.is_null() ? c.is_null() : c.compare("eq", v);
  }
  /// Not equal; with nullptr: is not null.
  friend Condition operator!=(Column const& c, Value const& v) {
    return v.is_null() ? !c.is_null() : c.compare("neq", v);
  }
  /// Less.
  friend Condition operator<(Column const& c, Value const& v) { return c.compare("lt", v); }
  /// Less or equal.
  friend Condition operator<=(Column const& c, Value const& v) { return c.compare("lte", v); }
  /// Greater.
  friend Condition operator>(Column const& c, Value const& v) { return c.compare("gt", v); }
  /// Greater or equal.
  friend Condition operator>=(Column const& c, Value const& v) { return c.compare("gte", v); }

  /// Is one of these; none of them is null.
  [[nodiscard]] Condition in(std::vector<Value> values) const;
  /// As above.
  [[nodiscard]] Condition in(std::initializer_list<Value> values) const { return in(std::vector<Value>(values)); }
  /// As above.
  template <class T>
  [[nodiscard]] Condition in(std::vector<T> const& values) const {
    return in(std::vector<Value>(values.begin(), values.end()));
  }
  /// Is null.
  [[nodiscard]] Condition is_null() const { return is("null"); }
  /// Is true, and not null.
  [[nodiscard]] Condition is_true() const { return is("true"); }
  /// Is false, and not null.
  [[nodiscard]] Condition is_false() const { return is("false"); }
  /// Differs, where null is a value like any other.
  [[nodiscard]] Condition is_distinct_from(Value const& v) const { return compare("isdistinct", v); }
  /// Matches a pattern of SQL, with `%` and `_`. A star is a star: a pattern that has one is sent as a regular
  /// expression.
  [[nodiscard]] Condition like(std::string_view pattern) const { return matches_pattern("like", "match", pattern); }
  /// The same whatever the case.
  [[nodiscard]] Condition ilike(std::string_view pattern) const { return matches_pattern("ilike", "imatch", pattern); }
  /// Matches a regular expression of PostgreSQL.
  [[nodiscard]] Condition match(std::string_view pattern) const { return compare("match", pattern); }
  /// The same whatever the case.
  [[nodiscard]] Condition imatch(std::string_view pattern) const { return compare("imatch", pattern); }
  /// Equal to one of the elements, by `= ANY`.
  [[nodiscard]] Condition any_of(std::vector<Value> const& v) const { return compare("eq", Value::array(v), "any"); }
  /// As above.
  template <class T>
  [[nodiscard]] Condition any_of(std::vector<T> const& v) const {
    return any_of(std::vector<Value>(v.begin(), v.end()));
  }

  /// Contains this array, range or JSON: `@>`.
  [[nodiscard]] Condition contains(Value const& v) const { return compare("cs", v); }
  /// Is contained in it: `<@`.
  [[nodiscard]] Condition contained_in(Value const& v) const { return compare("cd", v); }
  /// Has a part in common with it: `&&`.
  [[nodiscard]] Condition overlaps(Value const& v) const { return compare("ov", v); }
  /// The range ends before it: `<<`.
  [[nodiscard]] Condition strictly_left_of(Value const& v) const { return compare("sl", v); }
  /// The range begins after it: `>>`.
  [[nodiscard]] Condition strictly_right_of(Value const& v) const { return compare("sr", v); }
  /// The range does not reach beyond its end: `&<`.
  [[nodiscard]] Condition not_right_of(Value const& v) const { return compare("nxr", v); }
  /// The range does not begin before it: `&>`.
  [[nodiscard]] Condition not_left_of(Value const& v) const { return compare("nxl", v); }
  /// The ranges touch: `-|-`.
  [[nodiscard]] Condition adjacent_to(Value const& v) const { return compare("adj", v); }

  /// Full text, by `to_tsquery`: `fat & cat`. `language`, e.g. `english`; empty: the database's own.
  [[nodiscard]] Condition search(std::string_view query, std::string_view language = {}) const {
    return full_text("fts", query, language);
  }
  /// Full text, by `plainto_tsquery`: all of the words.
  [[nodiscard]] Condition plain_search(std::string_view query, std::string_view language = {}) const {
    return full_text("plfts", query, language);
  }
  /// Full text, by `phraseto_tsquery`: the words in this order.
  [[nodiscard]] Condition phrase_search(std::string_view query, std::string_view language = {}) const {
    return full_text("phfts", query, language);
  }
  /// Full text, by `websearch_to_tsquery`: as search engines take it.
  [[nodiscard]] Condition web_search(std::string_view query, std::string_view language = {}) const {
    return full_text("wfts", query, language);
  }

  /// What a selection calls it.
  [[nodiscard]] Column as(std::string_view alias) const;
  /// Converted to a type, e.g. `text`.
  [[nodiscard]] Column cast(std::string_view type) const;
  /// Sum, over the rows that have the other selected columns in common.
  [[nodiscard]] Column sum() const { return aggregate("sum"); }
  /// Average.
  [[nodiscard]] Column avg() const { return aggregate("avg"); }
  /// Smallest value.
  [[nodiscard]] Column(min)() const { return aggregate("min"); }
  /// Largest value.
  [[nodiscard]] Column(max)() const { return aggregate("max"); }
  /// Number of values that are not null.
  [[nodiscard]] Column count() const { return aggregate("count"); }

  /// As it stands in a selection.
  [[nodiscard]] std::string selection() const;
  /// As it stands in an order.
  [[nodiscard]] std::string path() const { return embedded_.empty() ? path_ : embedded_ + '(' + path_ + ')'; }
  /// Its name as the database has it, without JSON path.
  [[nodiscard]] std::string const& name() const noexcept { return name_; }

 private:
  std::string filter_path() const { return embedded_.empty() ? path_ : embedded_ + '.' + path_; }
  Column step(std::string_view arrow, std::string_view key) const;
  Column step(int index) const;
  Column aggregate(std::string_view function) const;
  Condition compare(std::string_view op, Value const& value, std::string_view modifier = {}) const;
  Condition is(std::string_view what) const;
  Condition condition(std::string_view op, std::vector<Value> values) const;
  Condition matches_pattern(std::string_view op, std::string_view op_by_regex, std::string_view pattern) const;
  Condition full_text(std::string_view op, std::string_view query, std::string_view language) const;

  friend class Selected;
  friend class detail::StatementWriter;

  std::string name_{};
  std::vector<detail::Step> steps_{};
  std::string path_{};
  std::string alias_{};
  std::string suffix_{};
  std::string embedded_{};
  bool is_plain_ = true;
};

/// A column: `col("a") > 5`. @throws InvalidArgument if the name is empty
[[nodiscard]] inline Column col(std::string_view name) {
  return Column{name};
}
/// A column of an embedded relation: `col("actors", "name") == "Ann"`, `desc(col("director", "name"))`. @throws
/// InvalidArgument if a name is empty
[[nodiscard]] inline Column col(std::string_view embedded, std::string_view name) {
  return Column{embedded, name};
}

/// One column that rows are sorted by; see `asc` and `desc`.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc, and InvalidArgument for an empty name.
/// Lifetime: owns its text.
class LAKEBASE_EXPORT Order {
 public:
  // Implicit, so that a name is enough.
  // NOLINTBEGIN(google-explicit-constructor)
  /// By a column, upwards.
  Order(char const* name) : Order(Column{name}) {}
  /// As above.
  Order(std::string_view name) : Order(Column{name}) {}
  /// As above.
  Order(std::string const& name) : Order(Column{name}) {}
  /// As above.
  Order(Column column) : column_(std::move(column)) {}
  // NOLINTEND(google-explicit-constructor)
  /// By a column, upwards or downwards.
  Order(Column column, bool is_descending) : column_(std::move(column)), is_descending_(is_descending) {}

  /// Nulls come first.
  [[nodiscard]] Order nulls_first() const;
  /// Nulls come last.
  [[nodiscard]] Order nulls_last() const;

  /// As the query string has it.
  [[nodiscard]] std::string text() const;
  /// The column.
  [[nodiscard]] Column const& column() const noexcept { return column_; }
  /// Whether large values come first.
  [[nodiscard]] bool is_descending() const noexcept { return is_descending_; }

 private:
  Column column_;
  bool is_descending_ = false;
  std::string nulls_{};
};

/// Small values first.
[[nodiscard]] inline Order asc(std::string_view name) {
  return {Column{name}, false};
}
/// As above.
[[nodiscard]] inline Order asc(Column column) {
  return {std::move(column), false};
}
/// Large values first.
[[nodiscard]] inline Order desc(std::string_view name) {
  return {Column{name}, true};
}
/// As above.
[[nodiscard]] inline Order desc(Column column) {
  return {std::move(column), true};
}

namespace detail {

/// These columns as the query string has them.
LAKEBASE_EXPORT std::string order_text(std::vector<Order> const& columns);

}  // namespace detail

/// One part of a selection: a column, or an embedded relation.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc, and InvalidArgument for an empty name.
/// Lifetime: owns its text.
class LAKEBASE_EXPORT Selected {
 public:
  // Implicit, so that names and columns stand next to each other.
  // NOLINTBEGIN(google-explicit-constructor)
  /// A column by its name.
  Selected(char const* name) : Selected(Column{name}) {}
  /// As above.
  Selected(std::string_view name) : Selected(Column{name}) {}
  /// As above.
  Selected(std::string const& name) : Selected(Column{name}) {}
  /// A column.
  Selected(Column const& column);
  // NOLINTEND(google-explicit-constructor)

  /// As the query string has it. Valid as long as this object.
  [[nodiscard]] std::string const& text() const noexcept { return text_; }
  /// Parameters that it adds to the query string, such as the order of embedded rows. Valid as long as this object.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> const& parameters() const noexcept {
    return parameters_;
  }

 private:
  friend class Embed;
  friend class detail::StatementWriter;
  friend LAKEBASE_EXPORT Selected count_all();
  Selected() = default;
  std::string text_{};
  std::string column_{};  // if it is nothing but a column
  std::string alias_{};
  std::vector<std::pair<std::string, std::string>> parameters_{};
};

/// The number of rows, `count()`, in a selection.
[[nodiscard]] LAKEBASE_EXPORT Selected count_all();

/// Rows of a related table inside of each row; see `embed`.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc, and InvalidArgument for an empty name.
/// Lifetime: owns its text.
class LAKEBASE_EXPORT Embed {
 public:
  /// These columns of that relation; none: all columns.
  Embed(std::string_view relation, std::vector<Selected> const& columns);

  /// Which relationship is meant, if there are several: the name of a foreign key or of its column.
  [[nodiscard]] Embed hint(std::string_view foreign_key) const;
  /// What the member is called.
  [[nodiscard]] Embed as(std::string_view alias) const;
  /// Put the columns of a to-one relation next to the row's own.
  [[nodiscard]] Embed spread() const;

  /// Only embedded rows that meet this, and all conditions before. Rows without such ones stay, with an empty list.
  /// @throws InvalidArgument as Condition::parameters
  [[nodiscard]] Embed where(Condition const& condition) const;
  /// Sorted by these.
  template <class... Columns>
  requires(sizeof...(Columns) > 0) [[nodiscard]] Embed order(Columns const&... columns) const {
    return with("order", detail::order_text({Order{columns}...}));
  }
  /// This many at most of each row.
  [[nodiscard]] Embed limit(std::int64_t rows) const { return with("limit", std::to_string(rows)); }
  /// Without the first of each row.
  [[nodiscard]] Embed offset(std::int64_t rows) const { return with("offset", std::to_string(rows)); }

  /// As a part of a selection.
  operator Selected() const;  // NOLINT(google-explicit-constructor): parts stand next to each other

 private:
  Embed with(std::string name, std::string value) const;

  std::string relation_{};
  std::string columns_{};
  std::string hint_{};
  std::string before_{};
  std::string alias_{};
  std::vector<std::pair<std::string, std::string>> parameters_{};
};

/// Rows of a related table: `select("title", embed("actors", "name").hint("fk").order("name").limit(3))`.
template <class... Columns>
[[nodiscard]] Embed embed(std::string_view relation, Columns const&... columns) {
  return Embed{relation, std::vector<Selected>{Selected{columns}...}};
}

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
