#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace lakebase::tests {

/// A self-signed certificate for `localhost` and 127.0.0.1, and its key, as PEM files.
struct Certificate {
  std::filesystem::path certificate{};
  std::filesystem::path key{};
};

inline void add_extension(X509* certificate, int nid, char const* value) {
  std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> const extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, value), &X509_EXTENSION_free};
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) throw std::runtime_error("certificate");
}

inline Certificate make_certificate(std::filesystem::path const& folder) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> const certificate{X509_new(), &X509_free};
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_set_pubkey(certificate.get(), key.get());
  auto* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("certificate");
  Certificate files{folder / "server.crt", folder / "server.key"};
  FILE* const certificate_file = std::fopen(files.certificate.c_str(), "w");
  FILE* const key_file = std::fopen(files.key.c_str(), "w");
  PEM_write_X509(certificate_file, certificate.get());
  PEM_write_PrivateKey(key_file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(certificate_file);
  std::fclose(key_file);
  std::filesystem::permissions(files.key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return files;
}

}  // namespace lakebase::tests
