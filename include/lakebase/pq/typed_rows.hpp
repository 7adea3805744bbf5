#pragma once

#include <compare>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/row.hpp>

struct pg_result;

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
LAKEBASE_PQ_EXPORT int row_count(pg_result const* result) noexcept;
/// @throws InvalidArgument: there is not one row but so many
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_not_one_row(int rows);
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
  class iterator {
   public:
    using value_type = T;
    using reference = T;
    using pointer = void;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    iterator(TypedRows const* rows, int row) noexcept : rows_(rows), row_(row) {}

    T operator*() const { return rows_->reader_.read(row_, row_); }
    T operator[](difference_type distance) const { return *(*this + distance); }
    iterator& operator+=(difference_type distance) noexcept {
      row_ += static_cast<int>(distance);
      return *this;
    }
    iterator& operator-=(difference_type distance) noexcept { return *this += -distance; }
    iterator& operator++() noexcept { return *this += 1; }
    iterator& operator--() noexcept { return *this += -1; }
    iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
    iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
    friend iterator operator+(iterator it, difference_type distance) noexcept { return it += distance; }
    friend iterator operator+(difference_type distance, iterator it) noexcept { return it += distance; }
    friend iterator operator-(iterator it, difference_type distance) noexcept { return it -= distance; }
    friend difference_type operator-(iterator const& left, iterator const& right) noexcept {
      return difference_type{left.row_} - right.row_;
    }
    friend bool operator==(iterator const& left, iterator const& right) noexcept { return left.row_ == right.row_; }
    friend auto operator<=>(iterator const& left, iterator const& right) noexcept { return left.row_ <=> right.row_; }

   private:
    TypedRows const* rows_ = nullptr;
    int row_ = 0;
  };
  /// The first row.
  [[nodiscard]] iterator begin() const& noexcept { return {this, 0}; }
  iterator begin() const&& = delete;  // keep the rows in a variable: an iterator refers to them
  /// After the last row.
  [[nodiscard]] iterator end() const& noexcept { return {this, size_}; }
  iterator end() const&& = delete;  // keep the rows in a variable: an iterator refers to them

 private:
  std::shared_ptr<pg_result const> result_;
  detail::RowReader<T> reader_;
  int size_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
