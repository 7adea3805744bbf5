#include <lakebase/pq/type_text.hpp>

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

ErrorFacts facts_of_bad_text(std::string const& reason) {
  ErrorFacts facts;
  facts.message = "a text that is no value of the type";
  if (!reason.empty()) facts.message += ": " + reason;
  return facts;
}

}  // namespace

BadText::BadText(std::string reason)
    : ParseError({}, facts_of_bad_text(reason)), reason_(std::make_shared<std::string const>(std::move(reason))) {}
BadText::~BadText() = default;

void bad_text(std::string_view reason) {
  throw BadText{std::string{reason}};
}

namespace detail {

void bad_number(std::string_view text) {
  auto digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  auto const point = digits.find('.');
  auto const is_digit = [](char letter) { return lakebase::detail::is_digit(letter); };
  bool const begins = !digits.empty() && is_digit(digits.front());
  if (begins && point == std::string_view::npos && std::all_of(digits.begin(), digits.end(), is_digit)) {
    bad_text("it is out of range");  // below 0
  }
  bool const has_fraction =
      begins && point != std::string_view::npos && digits.find_first_not_of("0123456789.e+-") == std::string_view::npos;
  bad_text(has_fraction || digits == "NaN" || digits == "Infinity" ? "it is no whole number" : "");
}

}  // namespace detail

void bad_value(std::string_view reason) {
  throw InvalidArgument{std::string{reason}};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
