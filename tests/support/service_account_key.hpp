#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <nlohmann/json.hpp>

namespace lakebase::tests {

/// The JSON of a Google service account's key, which asks for its tokens at `token_uri`.
inline std::string service_account_key(std::string const& token_uri) {
  // One for the program: making it takes longer than the tests that use it.
  static std::string const private_key = [] {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key{EVP_RSA_gen(2048), &EVP_PKEY_free};
    std::unique_ptr<BIO, decltype(&BIO_free)> const bio{BIO_new(BIO_s_mem()), &BIO_free};
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
  }();
  return nlohmann::json{{"type", "service_account"},
                        {"client_email", "sa@example"},
                        {"private_key", private_key},
                        {"private_key_id", "kid-1"},
                        {"token_uri", token_uri}}
      .dump();
}

}  // namespace lakebase::tests
