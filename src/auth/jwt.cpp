#include "auth/jwt.hpp"

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <lakebase/error.hpp>

#include "base/text/base64.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

struct Free {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Without this, OpenSSL asks at the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) {
  return 0;
}

std::string sign(std::string const& text, std::string const& private_key) {
  std::unique_ptr<BIO, Free> const bio{BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size()))};
  if (!bio) return {};
  std::unique_ptr<EVP_PKEY, Free> const key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)};
  std::unique_ptr<EVP_MD_CTX, Free> const context{EVP_MD_CTX_new()};
  if (!key || !context || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return {};
  auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return {};
  }
  std::string signature(size, '\0');
  auto* const target = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(context.get(), target, &size, bytes, text.size()) != 1) return {};
  signature.resize(size);
  return signature;
}

}  // namespace

Json jwt_claims(std::string_view token) {
  auto const first = token.find('.');
  auto const second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return Json::object();
  auto const text = decode_base64(token.substr(first + 1, second - first - 1));
  auto claims = text ? parse_json(*text) : Json{};
  return claims.is_object() ? claims : Json::object();
}

std::string sign_jwt(Json const& header, Json const& claims, std::string const& private_key) {
  auto const text = base64url(dump(header)) + '.' + base64url(dump(claims));
  auto const signature = sign(text, private_key);
  return signature.empty() ? std::string{} : text + '.' + base64url(signature);
}

std::string sha256(std::string_view text) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(),
                 nullptr) != 1) {
    throw Error{"SHA-256 is not available"};
  }
  return digest;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
