#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <lakebase/pq/export.hpp>
#include <lakebase/pq/row.hpp>

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

  /// The rows that are still to come, as std::tuple or as a struct (see `Row::as`):
  /// `for (auto [id, name] : stream.rows<int, std::string>())`. Columns are looked up once.
  template <class... Ts>
  [[nodiscard]] TypedStream<detail::RowOf<Ts...>, RowStream&> rows() & {
    return TypedStream<detail::RowOf<Ts...>, RowStream&>{*this};
  }
  /// The same of a temporary, which moves into it: `for (auto [id] : connection.stream("…").rows<int>())`.
  template <class... Ts>
  [[nodiscard]] TypedStream<detail::RowOf<Ts...>, RowStream> rows() && {
    return TypedStream<detail::RowOf<Ts...>, RowStream>{std::move(*this)};
  }

 private:
  template <class T, class Source>
  friend class TypedStream;

  /// After the end: a result without rows, of the same columns; null if there is none.
  [[nodiscard]] pg_result const* end_result() const noexcept;

  std::unique_ptr<detail::RowStreamState> state_;
};

/// The rows of a stream as a C++ type, an input range.
///
/// Thread safety: for one thread at a time, as the stream's connection.
/// Exceptions: to go on throws as `RowStream::next`, and InvalidArgument as `Row::as` at the first row, or at the
/// end if there is none; to look at a row throws ParseError as `Field::as`.
/// Lifetime: refers to the stream, or owns it if that was a temporary. A std::string_view in a row is valid until the
/// iterator is incremented.
template <class T, class Source>
class TypedStream {
 public:
  /// Made by `RowStream::rows`.
  explicit TypedStream(Source&& source) : source_(std::forward<Source>(source)) {}

  /// Input iterator over the rows.
  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(TypedStream* stream) : stream_(stream) { stream_->go_on(); }
    T operator*() const { return stream_->reader_->read(stream_->row_->row_, stream_->row_->number_); }
    iterator& operator++() {
      stream_->go_on();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(iterator const& it, std::default_sentinel_t) noexcept { return it.at_end(); }

   private:
    [[nodiscard]] bool at_end() const noexcept { return !stream_->row_; }

    TypedStream* stream_ = nullptr;
  };
  /// Can be called once.
  [[nodiscard]] iterator begin() & { return iterator{this}; }
  iterator begin() && = delete;  // keep the rows in a variable: an iterator refers to them
  /// The end of the rows.
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void go_on() {
    row_ = source_.next();
    auto const* const result = row_ ? row_->result_ : source_.end_result();
    if (result == nullptr) return;
    if (reader_) {
      reader_->move_to(result);
    } else {
      reader_.emplace(result);
    }
  }

  Source source_;
  std::optional<Row> row_{};
  std::optional<detail::RowReader<T>> reader_{};
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
