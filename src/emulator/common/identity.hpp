#pragma once

#include <string>

namespace lakebase::emulator {

/// Who calls, as the workspace knows them.
struct Identity {
  enum class Type { user, service_principal };
  Type type = Type::user;
  /// E-mail address or application id: the SCIM `userName` and the name in PostgreSQL.
  std::string name;
  std::string display_name;
};

}  // namespace lakebase::emulator
