#include <lakebase/pq/result.hpp>

#include <cstdlib>

#include <libpq-fe.h>
#include <lakebase/error.hpp>

namespace lakebase::inline v0::pq {
namespace detail {

void ClearResult::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

void throw_bad_value(std::string_view text, char const* wanted) {
  ErrorFacts facts;
  // Values may be anybody's data: no more than their length is told.
  facts.message = "a value of " + std::to_string(text.size()) + " characters is not " + wanted;
  throw ParseError({}, std::move(facts));
}

void throw_null_value() {
  ErrorFacts facts;
  facts.message = "a value is NULL; ask for a std::optional";
  throw ParseError({}, std::move(facts));
}

}  // namespace detail

int Row::size() const noexcept {
  return PQnfields(result_);
}

Field Row::operator[](int column) const {
  if (column < 0 || column >= PQnfields(result_)) throw InvalidArgument("no column " + std::to_string(column));
  auto const length = static_cast<std::size_t>(PQgetlength(result_, row_, column));
  return {std::string_view{PQgetvalue(result_, row_, column), length}, PQgetisnull(result_, row_, column) == 1};
}

Field Row::operator[](std::string_view column) const {
  // PQfnumber folds case; names are compared as they are here.
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

std::string_view Result::column_name(int column) const noexcept {
  char const* const name = result_ ? PQfname(result_.get(), column) : nullptr;
  return name == nullptr ? std::string_view{} : std::string_view{name};
}

Row Result::operator[](int row) const {
  if (row < 0 || row >= size()) throw InvalidArgument("no row " + std::to_string(row));
  return {result_.get(), row};
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
  return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10);
}

std::string_view Result::command() const noexcept {
  return result_ ? std::string_view{PQcmdStatus(result_.get())} : std::string_view{};
}

}  // namespace lakebase::inline v0::pq
