#include <lakebase/pq/type_text.hpp>

#include <utility>

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

void bad_value(std::string_view reason) {
  throw InvalidArgument{std::string{reason}};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
