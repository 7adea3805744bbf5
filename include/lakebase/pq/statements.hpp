#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lakebase/described.hpp>
#include <lakebase/pq/copy.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/insert_batch.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/pipeline.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/row_stream.hpp>
#include <lakebase/pq/session_hold.hpp>
#include <lakebase/pq/statement_options.hpp>
#include <lakebase/pq/types.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

template <class Rows>
concept RangeOfRows = requires(Rows const& rows) {
  *std::begin(rows);
  std::end(rows);
};
template <class T, class Rows>
struct ElementOfRowsOr : std::type_identity<T> {};
template <RangeOfRows Rows>
struct ElementOfRowsOr<void, Rows> : std::remove_cvref<decltype(*std::begin(std::declval<Rows const&>()))> {};
template <class T, class Rows>
using ElementOfRows = typename ElementOfRowsOr<T, Rows>::type;
/// Whether structs can be written as rows, by their names of columns; says what is wrong otherwise.
template <class T>
constexpr bool require_columns_of_struct() noexcept {
  constexpr bool described = lakebase::detail::Described<T>;
  static_assert(described, "rows are written from structs whose `describe` lists their members and their columns");
  if constexpr (described) {
    static_assert(member_count<T>() > 0, "the struct's `describe` lists no member");
    static_assert(all_differ(member_names<T>()), "the struct's `describe` gives two members the same column");
  }
  return described;
}

}  // namespace detail

/// What a connection and a transaction on it have in common: running statements.
///
/// Thread safety: for one thread at a time.
/// Exceptions: all calls throw PgError with the server's first error, ConnectionError if the session was lost, and
/// StatementTimeout or Cancelled by their options.
/// Lifetime: what is made here (streams, copies, pipelines, and transactions) keeps the session open, or a pool's
/// connection lent, as long as it exists: `for (Row row : pool.acquire()->stream("SELECT …"))` is right.
class LAKEBASE_PQ_EXPORT Statements {
 public:
  /// Runs a statement. Without parameters `sql` may hold several, of which the last one's result is returned.
  Result exec(std::string_view sql, Params const& params = {}, StatementOptions const& options = {});

  /// The rows of a statement as C++ types, see `Result::rows`:
  /// `for (auto [id, name] : connection.query<int, std::string>("SELECT id, name FROM people"))`.
  template <class... Ts>
  [[nodiscard]] TypedRows<detail::RowOf<Ts...>> query(std::string_view sql, Params const& params = {},
                                                      StatementOptions const& options = {}) {
    return exec(sql, params, options).template rows<Ts...>();
  }
  /// The only row. @throws InvalidArgument if there is none, or several
  template <class... Ts>
  [[nodiscard]] detail::RowOf<Ts...> query_one(std::string_view sql, Params const& params = {},
                                               StatementOptions const& options = {}) {
    return query<Ts...>(sql, params, options).one();
  }
  /// The only row, or none. @throws InvalidArgument if there are several
  template <class... Ts>
  [[nodiscard]] std::optional<detail::RowOf<Ts...>> query_optional(std::string_view sql, Params const& params = {},
                                                                   StatementOptions const& options = {}) {
    return query<Ts...>(sql, params, options).optional();
  }
  /// The only value of the only row. @throws InvalidArgument if there are no rows, several, or several columns
  template <class T>
  [[nodiscard]] T query_value(std::string_view sql, Params const& params = {}, StatementOptions const& options = {}) {
    return exec(sql, params, options).template value<T>();
  }

  /// Prepares a statement under a name, for this session. Does nothing if the same text was prepared under it.
  ///
  /// The name repairs itself: if the server has dropped it, or refuses it because a migration changed what it returns,
  /// it is prepared anew with the same text. Outside of a transaction the caller does not notice. Inside, the
  /// transaction has failed; the error is retryable, and the name works in the next one.
  void prepare(std::string const& name, std::string_view sql, StatementOptions const& options = {});
  /// Runs a prepared statement.
  Result exec_prepared(std::string const& name, Params const& params = {}, StatementOptions const& options = {});

  /// Reads rows as they come, holding one at a time: `for (Row row : connection.stream("SELECT …"))`. No other
  /// statement can run before the stream has ended or is destroyed.
  RowStream stream(std::string_view sql, Params const& params = {}, StatementOptions const& options = {});
  /// Starts `COPY … FROM STDIN`.
  CopyIn copy_in(std::string_view sql, StatementOptions const& options = {});
  /// Copies structs into a table, by the columns that they describe (see `Row::as`): `copy_in<Person>("people",
  /// people)`. Parts of the table's name are separated by a dot, and mean what they say: they are quoted.
  /// @return the number of rows
  /// @throws InvalidArgument for a value that PostgreSQL does not have: no row is kept
  template <class T = void, class Rows>
  requires detail::RangeOfRows<Rows> std::uint64_t copy_in(std::string_view table, Rows const& rows,
                                                           StatementOptions const& options = {}) {
    using Element = detail::ElementOfRows<T, Rows>;
    if constexpr (detail::require_columns_of_struct<Element>()) {
      constexpr auto names = detail::member_names<Element>();
      auto copy = copy_in("COPY " + columns_of(table, names.data(), names.size()) + " FROM STDIN", options);
      for (Element const& row : rows) copy.row_of(row);
      return copy.finish();
    } else {
      return 0;
    }
  }
  /// The same of structs that are listed: `copy_in("people", {ada, grace})`, `copy_in<Person>("people", {{1, "Ada"}})`.
  template <lakebase::detail::Described T>
  std::uint64_t copy_in(std::string_view table, std::initializer_list<T> rows, StatementOptions const& options = {}) {
    return copy_in<T, std::initializer_list<T>>(table, rows, options);
  }
  /// Inserts structs into a table, as `copy_in` does, by an INSERT for each 1,000 of them or each megabyte: for tables
  /// with rules, and for roles that may not COPY. An INSERT that fails takes back its own rows; in a transaction, all
  /// of them. Values have the types of their TypeText::sql, which have to fit the columns: a std::string fits text and
  /// varchar, and no uuid, jsonb, date or enum, into which `copy_in` takes it.
  /// @return the number of rows, without those that a trigger left out
  /// @throws InvalidArgument for a value that PostgreSQL does not have, with column and row
  template <class T = void, class Rows>
  requires detail::RangeOfRows<Rows> std::uint64_t insert_rows(std::string_view table, Rows const& rows,
                                                               StatementOptions const& options = {}) {
    using Element = detail::ElementOfRows<T, Rows>;
    std::uint64_t count = 0;
    if constexpr (detail::require_columns_of_struct<Element>()) {
      static constexpr auto columns = detail::insert_columns<Element>();
      constexpr auto names = detail::member_names<Element>();
      detail::InsertBatch batch{columns_of(table, names.data(), names.size()), columns.data(), columns.size()};
      auto const send = [&] { count += exec(batch.sql(), batch.take(), options).affected_rows(); };
      for (Element const& row : rows) {
        batch.add(row);
        if (batch.full()) send();
      }
      if (!batch.empty()) send();
    }
    return count;
  }
  /// The same of structs that are listed: `insert_rows("people", {ada})`,
  /// `insert_rows<Person>("people", {{1, "Ada"}})`.
  template <lakebase::detail::Described T>
  std::uint64_t insert_rows(std::string_view table, std::initializer_list<T> rows,
                            StatementOptions const& options = {}) {
    return insert_rows<T, std::initializer_list<T>>(table, rows, options);
  }
  /// Starts `COPY … TO STDOUT`.
  CopyOut copy_out(std::string_view sql, StatementOptions const& options = {});
  /// Sends many statements in one round trip.
  Pipeline pipeline();

  /// Quotes a name for SQL. @throws PgError for text that is not in the session's encoding
  [[nodiscard]] std::string quote_identifier(std::string_view name) const;
  /// Quotes a string for SQL, if a parameter cannot be used. @throws PgError as above
  [[nodiscard]] std::string quote_literal(std::string_view text) const;

 protected:
  explicit Statements(detail::SessionHold session) noexcept : session_(std::move(session)) {}
  ~Statements() = default;
  Statements(Statements&&) noexcept = default;
  Statements& operator=(Statements&&) noexcept = default;

  detail::SessionHold session_;

 private:
  // `"shop"."orders" ("id", "item")`
  std::string columns_of(std::string_view table, std::string_view const* columns, std::size_t count) const;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
