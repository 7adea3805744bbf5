#include "identity/secrets.hpp"

#include "common/random.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {

Secrets kept_secrets(std::filesystem::path const& folder, std::string const& token) {
  return {kept_secret(folder / "signing.key", random_hex(64)),
          token.empty() ? kept_secret(folder / "token", "dapi" + random_hex(32)) : token};
}

}  // namespace lakebase::emulator
