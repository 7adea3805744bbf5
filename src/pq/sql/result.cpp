#include <lakebase/pq/result.hpp>

#include <cstdlib>
#include <string>
#include <utility>

#include <libpq-fe.h>
#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {

void ClearResult::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

namespace {

// PostgreSQL's names of its own types. Others are shown by their number, as a lookup would cost a statement.
std::string_view builtin_type(Oid type) {
  constexpr std::pair<Oid, std::string_view> names[] = {
      {16, "bool"},       {17, "bytea"},    {18, "char"},      {19, "name"},        {20, "int8"},
      {21, "int2"},       {23, "int4"},     {25, "text"},      {26, "oid"},         {114, "json"},
      {700, "float4"},    {701, "float8"},  {790, "money"},    {869, "inet"},       {1042, "bpchar"},
      {1043, "varchar"},  {1082, "date"},   {1083, "time"},    {1114, "timestamp"}, {1184, "timestamptz"},
      {1186, "interval"}, {1266, "timetz"}, {1700, "numeric"}, {2950, "uuid"},      {3802, "jsonb"}};
  for (auto const& [oid, name] : names) {
    if (oid == type) return name;
  }
  return {};
}

std::string name_of_place(ValuePlace const& place) {
  if (place.result == nullptr) return "a value";
  auto const type = PQftype(place.result, place.column);
  auto const oid = "oid " + std::to_string(type);
  auto const name = builtin_type(type);
  return "column \"" + std::string{PQfname(place.result, place.column)} + "\" (" +
         (name.empty() ? oid : std::string{name} + ", " + oid) + ") of row " + std::to_string(place.row);
}

}  // namespace

void throw_bad_value(ValuePlace const& place, std::string_view text, std::string_view wanted) {
  ErrorFacts facts;
  // Values may be confidential: only their length is told.
  facts.message = name_of_place(place) + " holds " + std::to_string(text.size()) +
                  " characters that cannot be read as " + std::string{wanted};
  throw ParseError({}, std::move(facts));
}

void throw_null_value(ValuePlace const& place, std::string_view wanted) {
  ErrorFacts facts;
  facts.message = name_of_place(place) + " is NULL, which " + std::string{wanted} + " cannot hold";
  facts.hint = "Ask for std::optional<" + std::string{wanted} + ">";
  throw ParseError({}, std::move(facts));
}

}  // namespace detail

int Row::size() const noexcept {
  return PQnfields(result_);
}

Field Row::operator[](int column) const {
  if (column < 0 || column >= PQnfields(result_)) throw InvalidArgument("no column " + std::to_string(column));
  auto const length = static_cast<std::size_t>(PQgetlength(result_, row_, column));
  return {std::string_view{PQgetvalue(result_, row_, column), length},
          PQgetisnull(result_, row_, column) == 1,
          {result_, column, number_}};
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

std::string_view Result::command() const& noexcept {
  return result_ ? std::string_view{PQcmdStatus(result_.get())} : std::string_view{};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
