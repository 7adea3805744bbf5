#include <lakebase/printing.hpp>

#include <ostream>

#include <lakebase/ostream.hpp>

#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

std::string without_secrets(std::string const& json) {
  return scrub(json);
}

std::string unprintable(Error const& error) {
  return "(not printable: " + error.message() + ')';
}

std::ostream& print(std::ostream& out, std::string const& text) {
  return out << text;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
