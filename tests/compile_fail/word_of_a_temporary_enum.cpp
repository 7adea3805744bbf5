// error: would dangle: keep the Enum in a variable first
#include <lakebase/lakebase.hpp>

using Type = lakebase::Enum<lakebase::postgres::EndpointType>;

bool is_known(std::string_view word) {
#ifdef WRONG
  auto const text = Type::from_wire(word).wire();
  return text == word;
#else
  auto const type = Type::from_wire(word);
  return type.wire() == word;
#endif
}
