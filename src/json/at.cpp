#include <lakebase/at.hpp>

#include <fmt/format.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

std::string joined(std::initializer_list<std::string_view> names, std::size_t count) {
  std::string path;
  for (auto name = names.begin(); count > 0; ++name, --count) path.append(path.empty() ? "" : ".").append(*name);
  return path;
}

std::string_view hint_for(std::string_view first, std::size_t unset) {
  if (first == "spec" && unset == 0) return "The service responds with `status`, not with `spec`: read it there.";
  if (first == "status" && unset == 0) return "What a program makes has no status: read the resource from the service.";
  return "The service leaves out what it does not know yet or what does not apply: read the resource again later, or "
         "look at the optional member itself if the program can do without it.";
}

}  // namespace

void throw_missing_field(std::initializer_list<std::string_view> names, std::size_t unset, std::string_view resource) {
  auto const path = joined(names, names.size());
  auto message = fmt::format("{}{}{} is not set", path, resource.empty() ? "" : " of ", resource);
  if (unset + 1 < names.size()) message += fmt::format(", for {} is unset", joined(names, unset + 1));
  throw MissingField{path, {.message = std::move(message), .hint = std::string{hint_for(*names.begin(), unset)}}};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
