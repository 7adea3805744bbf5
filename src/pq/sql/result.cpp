#include <lakebase/pq/result.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

#include <libpq-fe.h>
#include <lakebase/error.hpp>

#include "pq/types/oids.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {

void ClearResult::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

namespace {

std::string name_of_place(ValuePlace const& place) {
  if (place.result == nullptr) return "a value";
  auto const type = PQftype(place.result, place.column);
  auto const oid = "oid " + std::to_string(type);
  auto const name = builtin_type(type);
  return "column \"" + std::string{PQfname(place.result, place.column)} + "\" (" +
         (name.empty() ? oid : std::string{name} + ", " + oid) + ") of row " + std::to_string(place.row);
}

}  // namespace

void throw_bad_value(ValuePlace const& place, std::string_view text, std::string_view wanted,
                     ParseError const& reason) {
  auto const* const bad = dynamic_cast<BadText const*>(&reason);
  auto const why = bad != nullptr ? bad->reason() : reason.message();
  ErrorFacts facts;
  // Values may be confidential: only their length is told.
  facts.message = name_of_place(place) + " holds " + std::to_string(text.size()) +
                  (is_in_binary(place.result) ? " bytes" : " characters") + " that cannot be read as " +
                  std::string{wanted};
  if (!why.empty()) facts.message += ": " + why;
  throw ParseError({}, std::move(facts));
}

void throw_null_value(ValuePlace const& place, std::string_view wanted) {
  ErrorFacts facts;
  facts.message = name_of_place(place) + " is NULL, which " + std::string{wanted} + " cannot hold";
  facts.hint = "Ask for std::optional<" + std::string{wanted} + ">";
  throw ParseError({}, std::move(facts));
}

unsigned type_at(ValuePlace const& place) noexcept {
  return place.result == nullptr ? 0 : PQftype(place.result, place.column);
}

Field field_at(pg_result const* result, int row, int column, int number, bool binary) noexcept {
  auto const length = static_cast<std::size_t>(PQgetlength(result, row, column));
  return {std::string_view{PQgetvalue(result, row, column), length},
          // A value of some length is none.
          length == 0 && PQgetisnull(result, row, column) == 1,
          {result, column, number},
          binary};
}

bool is_in_binary(pg_result const* result) noexcept {
  return result != nullptr && PQbinaryTuples(result) == 1;
}

int row_count(pg_result const* result) noexcept {
  return PQntuples(result);
}

void throw_not_one_row(int rows) {
  throw InvalidArgument(rows == 0 ? "no row where there should be one" : "not one row but " + std::to_string(rows));
}

void require_columns(pg_result const* result, std::size_t count) {
  auto const columns = static_cast<std::size_t>(PQnfields(result));
  if (columns == count) return;
  throw InvalidArgument("the rows have " + std::to_string(columns) + " columns, and are read as " +
                        std::to_string(count));
}

namespace {

// Which columns do not match a struct, for the error.
class Mismatch {
 public:
  void add(std::string& list, std::string_view name) {
    if (!list.empty()) list += ", ";
    list += '"' + std::string{name} + '"';
  }
  void throw_if_any() const {
    std::string text;
    auto const tell = [&](char const* what, std::string const& list) {
      if (!list.empty()) text += (text.empty() ? "" : "; ") + std::string{what} + list;
    };
    tell("the rows have no column ", missing);
    tell("the struct has no member for column ", surplus);
    tell("there is more than one column ", twice);
    if (!text.empty()) throw InvalidArgument(text);
  }

  std::string missing{};
  std::string surplus{};
  std::string twice{};
};

// Whether the columns are those of the struct in its order, as they are most often.
bool are_in_order(pg_result const* result, std::string_view const* names, std::size_t count) noexcept {
  if (static_cast<std::size_t>(PQnfields(result)) != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    char const* const name = PQfname(result, static_cast<int>(i));
    if (std::strncmp(name, names[i].data(), names[i].size()) != 0 || name[names[i].size()] != '\0') return false;
  }
  return true;
}

}  // namespace

void find_columns(pg_result const* result, std::string_view const* names, int* columns, std::size_t count) {
  if (are_in_order(result, names, count)) return std::iota(columns, columns + count, 0);
  Mismatch mismatch;
  auto const size = PQnfields(result);
  std::fill_n(columns, count, -1);
  for (int column = 0; column < size; ++column) {
    std::string_view const name = PQfname(result, column);
    auto const* const found = std::find(names, names + count, name);
    if (found == names + count) {
      mismatch.add(mismatch.surplus, name);
    } else if (columns[found - names] >= 0) {
      mismatch.add(mismatch.twice, name);
    } else {
      columns[found - names] = column;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (columns[i] < 0) mismatch.add(mismatch.missing, names[i]);
  }
  mismatch.throw_if_any();
}

}  // namespace detail

int Row::size() const noexcept {
  return PQnfields(result_);
}

Field Row::operator[](int column) const {
  if (column < 0 || column >= PQnfields(result_)) throw InvalidArgument("no column " + std::to_string(column));
  return detail::field_at(result_, row_, column, number_, PQfformat(result_, column) == 1);
}

Field Row::operator[](std::string_view column) const {
  // Names are compared as they are, while PQfnumber folds case.
  for (int i = 0; i < PQnfields(result_); ++i) {
    if (column == PQfname(result_, i)) return (*this)[i];
  }
  throw InvalidArgument("no column " + std::string{column});
}

int Result::size() const noexcept {
  return PQntuples(result_.get());
}
int Result::columns() const noexcept {
  return PQnfields(result_.get());
}

std::string_view Result::column_name(int column) const& noexcept {
  char const* const name = result_ ? PQfname(result_.get(), column) : nullptr;
  return name == nullptr ? std::string_view{} : std::string_view{name};
}

Row Result::operator[](int row) const& {
  if (row < 0 || row >= size()) throw InvalidArgument("no row " + std::to_string(row));
  return {result_.get(), row};
}

OwnedRow Result::keep(int row) const {
  if (row < 0 || row >= size()) throw InvalidArgument("no row " + std::to_string(row));
  return {result_, row};
}

Field Result::only_field() const {
  if (size() != 1 || columns() != 1) {
    throw InvalidArgument("not one value but " + std::to_string(size()) + " rows of " + std::to_string(columns()) +
                          " columns");
  }
  return (*this)[0][0];
}

std::uint64_t Result::affected_rows() const noexcept {
  if (!result_) return 0;
  // libpq only reads it.
  return std::strtoull(PQcmdTuples(const_cast<pg_result*>(result_.get())), nullptr, 10);
}

std::string_view Result::command() const& noexcept {
  return result_ ? std::string_view{PQcmdStatus(const_cast<pg_result*>(result_.get()))} : std::string_view{};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
