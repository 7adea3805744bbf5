#include "identity/secrets.hpp"

#include "common/random.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {

Secrets kept_secrets(std::filesystem::path const& folder, std::string const& token, bool is_temporary) {
  auto const life = is_temporary ? SecretLife::of_the_process : SecretLife::of_the_disk;
  return {kept_secret(folder / "signing.key", random_hex(64), {}, life),
          token.empty() ? kept_secret(folder / "token", "dapi" + random_hex(32), {}, life) : token};
}

}  // namespace lakebase::emulator
