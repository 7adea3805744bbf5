#include <lakebase/pq/insert_batch.hpp>

#include <numeric>

#include <lakebase/error.hpp>

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

}  // namespace

InsertBatch::InsertBatch(std::string_view target, InsertColumn const* columns, std::size_t count)
    : columns_(columns), sql_(insert_statement(target, columns, count)), texts_(count) {}

bool InsertBatch::full() const noexcept {
  auto const add_size = [](std::size_t sum, std::string const& text) { return sum + text.size(); };
  return rows_ >= most_rows || std::accumulate(texts_.begin(), texts_.end(), std::size_t{0}, add_size) >= most_bytes;
}

Params InsertBatch::take() {
  Params params;
  for (auto& text : texts_) {
    params.add(std::exchange(text, {}) + '}');
  }
  sent_ += std::exchange(rows_, 0);
  return params;
}

void InsertBatch::refuse(Error const& error, std::size_t column) const {
  throw InvalidArgument("column \"" + std::string{columns_[column].name} + "\" of row " +
                        std::to_string(sent_ + rows_) + " is refused: " + error.message());
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
