#pragma once

#include <string>
#include <string_view>

namespace lakebase::emulator {

/// SQL that reads what PostgreSQL stores of the password of a role, and ends in a condition.
std::string sql_to_read_verifier(std::string const& role);

/// Whether a password fits what PostgreSQL stores of it in pg_authid.rolpassword: a SCRAM-SHA-256 verifier, or the MD5
/// hash of older clusters. Passwords are used as they are: those that SASLprep would change do not fit.
bool password_fits(std::string_view verifier, std::string_view user, std::string_view password);

}  // namespace lakebase::emulator
