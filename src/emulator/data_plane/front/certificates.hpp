#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>

namespace lakebase::emulator {

struct OpenSslDeleter {
  void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
  void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
  void operator()(SSL* connection) const noexcept { ::SSL_free(connection); }
  void operator()(BIO* bio) const noexcept { ::BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const noexcept { ::X509_EXTENSION_free(extension); }
};
template <class T>
using OpenSslPtr = std::unique_ptr<T, OpenSslDeleter>;

/// The emulator's own certificate authority. Its certificate and key outlive the process, so that clients can continue
/// to trust it.
class CertificateAuthority {
 public:
  /// Reads it from ca.pem and ca.key in this folder, or creates it if they are missing, broken or about to expire.
  explicit CertificateAuthority(std::filesystem::path const& folder);

  std::filesystem::path const& certificate_file() const noexcept { return certificate_file_; }

  /// The context of a TLS server, with a certificate for this address, `localhost`, 127.0.0.1 and ::1.
  OpenSslPtr<SSL_CTX> server_context(std::string const& address) const;

 private:
  bool read();
  void make();
  void write() const;

  std::filesystem::path certificate_file_;
  std::filesystem::path key_file_;
  OpenSslPtr<EVP_PKEY> key_;
  OpenSslPtr<X509> certificate_;
};

}  // namespace lakebase::emulator
