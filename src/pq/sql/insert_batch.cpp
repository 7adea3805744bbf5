#include <lakebase/pq/insert_batch.hpp>

#include <algorithm>
#include <numeric>

#include <lakebase/error.hpp>

#include "pq/types/oids.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::size_t most_bytes = 1U << 20U;

std::string insert_statement(std::string_view target, InsertColumn const* columns, std::size_t count) {
  std::string values;
  std::string arrays;
  std::string names;
  for (std::size_t i = 0; i < count; ++i) {
    auto const number = std::to_string(i + 1);
    auto const comma = i == 0 ? "" : ", ";
    std::string const type{columns[i].type};
    values += comma + ("c" + number) + (columns[i].of_arrays ? "::" + type : "");
    arrays += comma + ("$" + number) + "::" + (columns[i].of_arrays ? "text" : type) + "[]";
    names += comma + ("c" + number);
  }
  return "INSERT INTO " + std::string{target} + " SELECT " + values + " FROM unnest(" + arrays + ") AS given (" +
         names + ")";
}

// An array in binary begins with its dimensions, whether it has a NULL, the type of its elements, and of each dimension
// the size and the lower bound, of four bytes each. Each element has its length before it; -1 is NULL.
constexpr std::size_t header_size = 20;
constexpr std::size_t null_flag = 7;

void put(std::string& bytes, std::size_t at, std::size_t size, std::uint64_t bits) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(bits >> 8U * (size - 1 - i));
}

// Where that many bytes have been added to an array.
std::size_t grown(std::string& bytes, std::size_t size) {
  auto const begin = std::max(bytes.size(), header_size);
  bytes.resize(begin + size);
  return begin;
}

Param array_of(std::string bytes, std::string_view type, std::size_t rows) {
  auto const numbers = numbers_of(type);
  put(bytes, 0, 4, 1);
  put(bytes, 8, 4, numbers.type);
  put(bytes, 12, 4, rows);
  put(bytes, 16, 4, 1);
  return ParamAccess::binary(std::move(bytes), numbers.array);
}

}  // namespace

InsertBatch::InsertBatch(std::string_view target, InsertColumn const* columns, std::size_t count)
    : columns_(columns), sql_(insert_statement(target, columns, count)), texts_(count) {}

bool InsertBatch::full() const noexcept {
  auto const add_size = [](std::size_t sum, std::string const& text) { return sum + text.size(); };
  return rows_ >= most_rows || std::accumulate(texts_.begin(), texts_.end(), std::size_t{0}, add_size) >= most_bytes;
}

Params InsertBatch::take() {
  Params params;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    auto text = std::exchange(texts_[i], {});
    auto const& column = columns_[i];
    params.add(column.in_binary ? array_of(std::move(text), column.type, rows_) : Param{std::move(text) + '}'});
  }
  sent_ += std::exchange(rows_, 0);
  return params;
}

void InsertBatch::add_number(std::uint64_t bits, std::size_t size, std::size_t column) {
  auto& bytes = texts_[column];
  auto const begin = grown(bytes, 4 + size);
  put(bytes, begin, 4, size);
  put(bytes, begin + 4, size, bits);
}

void InsertBatch::add_null(std::size_t column) {
  auto& bytes = texts_[column];
  put(bytes, grown(bytes, 4), 4, ~std::uint64_t{0});
  bytes[null_flag] = 1;
}

void InsertBatch::refuse(Error const& error, std::size_t column) const {
  throw InvalidArgument("column \"" + std::string{columns_[column].name} + "\" of row " +
                        std::to_string(sent_ + rows_) + " is refused: " + error.message());
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
