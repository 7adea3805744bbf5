#include "postgres/identities.hpp"

#include <algorithm>

#include "postgres/workspace.hpp"

namespace lakebase::emulator {
namespace {

bool looks_like_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : std::string_view{"0123456789abcdefABCDEF"}.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool identity_exists(WorkspaceOptions const& options, std::string const& type, std::string const& name) {
  auto const is_in = [&](std::vector<std::string> const& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  auto const& principals = options.service_principals;
  bool const is_principal = std::any_of(principals.begin(), principals.end(),
                                        [&](auto const& principal) { return principal.application_id == name; });
  bool const is_user = type == "USER";
  if (is_user ? name == options.user_name : type == "SERVICE_PRINCIPAL" ? is_principal : is_in(options.groups))
    return true;
  if (options.identities) return is_in(*options.identities);
  if (is_user) return name.find('@') != std::string::npos;
  return type != "SERVICE_PRINCIPAL" || looks_like_uuid(name);
}

}  // namespace lakebase::emulator
