#include "mcp/protocol/dispatch/seal.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/random.hpp"
#include "base/text/base64.hpp"

namespace lakebase::mcp {
namespace {

std::int64_t seconds(Seal::Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Seal::Seal() : key_(detail::random_bytes(32)) {}

std::string Seal::mark(std::string_view body, std::string_view bound_to) const {
  // The length keeps apart what would read the same joined.
  auto text = std::to_string(body.size()) + ':';
  text.append(body).append(bound_to);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<unsigned char const*>(text.data()),
       text.size(), bytes.data(), &size);
  return detail::base64url({reinterpret_cast<char const*>(bytes.data()), size});
}

std::string Seal::close(Json const& state, std::string_view bound_to, Time expires) const {
  auto const body = detail::base64url(json_line({{"state", state}, {"expires", seconds(expires)}}));
  return body + '.' + mark(body, bound_to);
}

std::optional<Json> Seal::open(std::string_view sealed, std::string_view bound_to, Time now) const {
  auto const dot = sealed.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto const body = sealed.substr(0, dot);
  // As text: of base64, several texts may mean the same bytes.
  auto const wanted = mark(body, bound_to);
  auto const given = sealed.substr(dot + 1);
  if (wanted.size() != given.size() || CRYPTO_memcmp(wanted.data(), given.data(), wanted.size()) != 0)
    return std::nullopt;
  auto const bytes = detail::decode_base64(body);
  auto const document = bytes ? read_json(*bytes) : Json();
  auto const& expires = member(document, "expires");
  if (!expires.is_number_integer() || expires.get<std::int64_t>() < seconds(now)) return std::nullopt;
  return member(document, "state");
}

}  // namespace lakebase::mcp
