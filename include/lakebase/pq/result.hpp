#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/field.hpp>
#include <lakebase/pq/row.hpp>
#include <lakebase/pq/row_iterator.hpp>
#include <lakebase/pq/typed_rows.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
/// What an iterator over a result makes its rows of.
struct RowsOfResult {
  pg_result const* result = nullptr;
  Row operator()(int row) const noexcept { return Row{result, row}; }
};
}  // namespace detail

/// What a statement returned: rows, or a count of rows changed. Can be moved, not copied; needs no connection.
///
/// Thread safety: safe to read from several threads at once.
/// Exceptions: what each function names.
/// Lifetime: rows, fields and texts refer to it. Of a temporary, `auto row = c.exec("…")[0]` is a row that keeps the
/// result, and so do `rows`; `Row row = c.exec("…")[0]` does not compile. `for (Row row : c.exec("…"))` is right. It
/// may outlive its connection.
class LAKEBASE_PQ_EXPORT Result {
 public:
  /// No rows.
  Result() noexcept = default;
  /// Made by the calls that return results.
  explicit Result(detail::ResultPointer result) : result_(std::move(result)) {}
  Result(Result&&) noexcept = default;
  Result& operator=(Result&&) noexcept = default;
  ~Result() = default;

  /// Number of rows.
  [[nodiscard]] int size() const noexcept;
  /// Whether there is no row.
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// Number of columns.
  [[nodiscard]] int columns() const noexcept;
  /// Name of a column, from 0; empty if there is none.
  [[nodiscard]] std::string_view column_name(int column) const& noexcept;
  /// The same, as a text of its own.
  [[nodiscard]] std::string column_name(int column) const&& { return std::string{column_name(column)}; }
  /// @throws InvalidArgument if there is no such row
  [[nodiscard]] Row operator[](int row) const&;
  /// Of a temporary: a row that keeps it. @throws InvalidArgument if there is no such row
  [[nodiscard]] OwnedRow operator[](int row) const&& { return keep(row); }
  /// A row that keeps this result alive. @throws InvalidArgument if there is no such row
  [[nodiscard]] OwnedRow keep(int row) const;
  /// All rows, as std::tuple or as a struct (see `Row::as`), each read when it is looked at:
  /// `for (auto [id, name] : result.rows<int, std::string>())`, `for (Person const& person : result.rows<Person>())`.
  /// Columns are looked up once. It keeps this result alive.
  /// @throws InvalidArgument as `Row::as`
  template <class... Ts>
  [[nodiscard]] TypedRows<detail::RowOf<Ts...>> rows() const {
    return TypedRows<detail::RowOf<Ts...>>{result_};
  }
  /// The only value of the only row, `exec("SELECT count(*) FROM t").value<int>()`.
  /// @throws InvalidArgument if there are no rows, several, or several columns
  template <class T>
  [[nodiscard]] T value() const& {
    return only_field().as<T>();
  }
  /// The same of a temporary, which can give no std::string_view.
  template <class T>
  [[nodiscard]] T value() const&& {
    static_assert(!detail::RefersToResult<T>,
                  "keep the Result in a variable, a std::string_view refers to it; or take std::string");
    return only_field().as<T>();
  }
  /// How many rows were inserted, changed, deleted or read; 0 for other statements.
  [[nodiscard]] std::uint64_t affected_rows() const noexcept;
  /// What the server calls the statement, e.g. `INSERT 0 1`.
  [[nodiscard]] std::string_view command() const& noexcept;
  /// The same, as a text of its own.
  [[nodiscard]] std::string command() const&& { return std::string{command()}; }
  /// libpq's own; null if this is empty.
  [[nodiscard]] pg_result const* native() const& noexcept { return result_.get(); }
  pg_result const* native() const&& = delete;  // keep the Result in a variable: it owns what libpq gave

  /// Random access for the algorithms of `std::ranges`, an input iterator for older ones, as rows are made on demand.
  using iterator = detail::RowIterator<detail::RowsOfResult, Row>;
  /// The first row.
  [[nodiscard]] iterator begin() const& noexcept { return {{result_.get()}, 0}; }
  iterator begin() const&& = delete;  // keep the Result in a variable: an iterator refers to it
  /// After the last row.
  [[nodiscard]] iterator end() const& noexcept { return {{result_.get()}, size()}; }
  iterator end() const&& = delete;  // keep the Result in a variable: an iterator refers to it

 private:
  Field only_field() const;

  std::shared_ptr<pg_result const> result_{};
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
