#pragma once

#include <compare>
#include <cstddef>
#include <iterator>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Iterator over rows that are made when they are looked at: `Rows` makes one of its number, `rows(row)`, and refers to
/// the result. Random access for the algorithms of `std::ranges`, an input iterator for older ones.
template <class Rows, class T>
class RowIterator {
 public:
  using value_type = T;
  using reference = T;
  using pointer = void;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::random_access_iterator_tag;
  using iterator_category = std::input_iterator_tag;

  RowIterator() = default;
  RowIterator(Rows rows, int row) noexcept : rows_(rows), row_(row) {}

  T operator*() const noexcept(noexcept(std::declval<Rows const&>()(0))) { return rows_(row_); }
  T operator[](difference_type distance) const noexcept(noexcept(std::declval<Rows const&>()(0))) {
    return *(*this + distance);
  }
  RowIterator& operator+=(difference_type distance) noexcept {
    row_ += static_cast<int>(distance);
    return *this;
  }
  RowIterator& operator-=(difference_type distance) noexcept { return *this += -distance; }
  RowIterator& operator++() noexcept { return *this += 1; }
  RowIterator& operator--() noexcept { return *this += -1; }
  RowIterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
  RowIterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
  friend RowIterator operator+(RowIterator it, difference_type distance) noexcept { return it += distance; }
  friend RowIterator operator+(difference_type distance, RowIterator it) noexcept { return it += distance; }
  friend RowIterator operator-(RowIterator it, difference_type distance) noexcept { return it -= distance; }
  friend difference_type operator-(RowIterator const& left, RowIterator const& right) noexcept {
    return difference_type{left.row_} - right.row_;
  }
  friend bool operator==(RowIterator const& left, RowIterator const& right) noexcept { return left.row_ == right.row_; }
  friend auto operator<=>(RowIterator const& left, RowIterator const& right) noexcept {
    return left.row_ <=> right.row_;
  }

 private:
  Rows rows_{};
  int row_ = 0;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
