#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/row.hpp>
#include <lakebase/pq/row_iterator.hpp>

struct pg_result;

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
LAKEBASE_PQ_EXPORT int row_count(pg_result const* result) noexcept;
/// @throws InvalidArgument: there is not one row but so many
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_not_one_row(int rows);

/// What an iterator over typed rows reads them by.
template <class T>
struct RowsOfReader {
  RowReader<T> const* reader = nullptr;
  T operator()(int row) const { return reader->read(row, row); }
};
}  // namespace detail

/// The rows of a result as a C++ type, a range of random access; each is read when it is looked at.
///
/// Thread safety: safe to read from several threads at once.
/// Exceptions: reading a row throws ParseError as `Field::as`; the rest throws what it names.
/// Lifetime: shares the result, so that `for (auto [id] : connection.query<int>("…"))` is right; iterators refer to it,
/// and so does a std::string_view in a row.
template <class T>
class TypedRows {
 public:
  /// Made by `Result::rows`. @throws InvalidArgument as `Row::as`
  explicit TypedRows(std::shared_ptr<pg_result const> result)
      : result_(std::move(result)), reader_(result_.get()), size_(detail::row_count(result_.get())) {}

  /// Number of rows.
  [[nodiscard]] int size() const noexcept { return size_; }
  /// Whether there is no row.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// A row; one that does not exist is undefined behaviour, as in a std::vector.
  [[nodiscard]] T operator[](int row) const& { return reader_.read(row, row); }
  /// The same of a temporary, which can give no std::string_view.
  [[nodiscard]] T operator[](int row) const&& {
    static_assert(!detail::refers_to_result<T>,
                  "keep the rows in a variable, a std::string_view refers to them; or take std::string");
    return reader_.read(row, row);
  }
  /// The only row. @throws InvalidArgument if there is none, or several
  [[nodiscard]] T one() const {
    static_assert(!detail::refers_to_result<T>, "a std::string_view would refer to the rows: take std::string");
    if (size_ != 1) detail::throw_not_one_row(size_);
    return reader_.read(0, 0);
  }
  /// The only row, or none. @throws InvalidArgument if there are several
  [[nodiscard]] std::optional<T> optional() const {
    if (size_ == 0) return std::nullopt;
    return one();
  }

  /// Random access for the algorithms of `std::ranges`, an input iterator for older ones, as rows are made on demand.
  using iterator = detail::RowIterator<detail::RowsOfReader<T>, T>;
  /// The first row.
  [[nodiscard]] iterator begin() const& noexcept { return {{&reader_}, 0}; }
  iterator begin() const&& = delete;  // keep the rows in a variable: an iterator refers to them
  /// After the last row.
  [[nodiscard]] iterator end() const& noexcept { return {{&reader_}, size_}; }
  iterator end() const&& = delete;  // keep the rows in a variable: an iterator refers to them

 private:
  std::shared_ptr<pg_result const> result_;
  detail::RowReader<T> reader_;
  int size_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
