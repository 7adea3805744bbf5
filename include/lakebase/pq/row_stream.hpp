#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/result.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
struct RowStreamState;
}  // namespace detail

/// Rows as they come from the server, one at a time.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: as the calls of Statements; the destructor throws nothing.
/// Lifetime: keeps the session open, or a pool's connection lent, as long as it exists. Destroying it early cancels the
/// statement.
class [[nodiscard]] LAKEBASE_PQ_EXPORT RowStream {
 public:
  /// Made by `Statements::stream`.
  explicit RowStream(std::unique_ptr<detail::RowStreamState> state) noexcept;
  ~RowStream();
  /// Takes over the rows that are still to come.
  RowStream(RowStream&&) noexcept;
  RowStream& operator=(RowStream&&) noexcept;

  /// The next row, valid until the next call; none at the end.
  /// @throws PgError if the statement fails on the way: the rows read so far are not the whole result
  [[nodiscard]] std::optional<Row> next() &;
  std::optional<Row> next() && = delete;  // keep the RowStream in a variable: a row refers to it

  /// Input iterator over the rows; a row is valid until the iterator is incremented.
  class iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(RowStream* stream) : stream_(stream), row_(stream->next()) {}
    Row operator*() const { return *row_; }
    iterator& operator++() {
      row_ = stream_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(iterator const& it, std::default_sentinel_t) noexcept { return !it.row_; }

   private:
    RowStream* stream_ = nullptr;
    std::optional<Row> row_{};
  };
  /// Can be called once.
  [[nodiscard]] iterator begin() & { return iterator{this}; }
  iterator begin() && = delete;  // keep the RowStream in a variable: an iterator refers to it
  /// The end of the rows.
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::unique_ptr<detail::RowStreamState> state_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
