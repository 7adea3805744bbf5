#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "support/temporary_folder.hpp"

namespace lakebase::tests {

/// An authority, and a server certificate that it signed; made for one test.
class TestCertificates {
 public:
  /// `names` as OpenSSL writes them, e.g. `IP:127.0.0.1,DNS:localhost`; `days` may be negative: expired.
  explicit TestCertificates(std::string const& names = "IP:127.0.0.1,DNS:localhost", int days = 1) {
    authority_key_ = make_key();
    authority_ = make_certificate("lakebase test authority", authority_key_.get(), nullptr, "", 1);
    key_ = make_key();
    certificate_ = make_certificate("lakebase test", key_.get(), authority_.get(), names, days);
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    write(authority_file(), [&](FILE* file) { PEM_write_X509(file, authority_.get()); });
    write(certificate_file(), [&](FILE* file) {
      PEM_write_X509(file, certificate_.get());
      PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  SSL_CTX* server() const noexcept { return context_.get(); }
  std::string authority_file() const { return folder_.path() / "ca.pem"; }
  /// A folder that holds the authority under its hash, as `openssl rehash` names it.
  std::string authority_folder() const {
    auto const folder = folder_.path() / "authorities";
    std::filesystem::create_directories(folder);
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%08lx.0", X509_subject_name_hash(authority_.get()));
    std::filesystem::copy_file(authority_file(), folder / name.data(), std::filesystem::copy_options::skip_existing);
    return folder;
  }
  /// The key of `certificate_file`, encrypted.
  std::string encrypted_key_file(std::string const& password) const {
    auto const file = folder_.path() / "key.pem";
    write(file, [&](FILE* stream) {
      PEM_write_PrivateKey(stream, key_.get(), EVP_aes_256_cbc(),
                           reinterpret_cast<unsigned char const*>(password.data()), static_cast<int>(password.size()),
                           nullptr, nullptr);
    });
    return file;
  }
  /// Certificate and key, usable by a client as well.
  std::string certificate_file() const { return folder_.path() / "cert.pem"; }

 private:
  struct Free {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  static Key make_key() { return Key{EVP_EC_gen("P-256")}; }

  static void extend(X509* certificate, X509* issuer, int what, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    if (extension == nullptr) throw std::runtime_error("certificate extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  Certificate make_certificate(char const* name, EVP_PKEY* key, X509* issuer, std::string const& names, int days) {
    Certificate certificate{X509_new()};
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), issuer == nullptr ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3L * 86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * 86400L);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<unsigned char const*>(name), -1, -1, 0);
    auto* const signer = issuer == nullptr ? certificate.get() : issuer;
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
    extend(certificate.get(), signer, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (!names.empty()) extend(certificate.get(), signer, NID_subject_alt_name, names);
    X509_sign(certificate.get(), issuer == nullptr ? key : authority_key_.get(), EVP_sha256());
    return certificate;
  }

  template <class Write>
  static void write(std::string const& path, Write write_to) {
    auto* const file = std::fopen(path.c_str(), "w");
    write_to(file);
    std::fclose(file);
  }

  TemporaryFolder folder_;
  Key authority_key_;
  Certificate authority_;
  Key key_;
  Certificate certificate_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace lakebase::tests
