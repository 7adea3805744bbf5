#include "data_plane/front/certificates.hpp"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "common/computes.hpp"
#include "common/random.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr long day = 24L * 60 * 60;
constexpr long authority_life = 3650 * day;
// Some clients distrust certificates that are valid for longer than 825 days. Each start of an endpoint creates a new
// one.
constexpr long leaf_life = 800 * day;

using Extensions = std::vector<std::pair<int, std::string>>;

void check(bool done, char const* what) {
  if (done) return;
  ::ERR_clear_error();
  throw DataPlaneError(std::string{"OpenSSL cannot "} + what);
}

OpenSslPtr<EVP_PKEY> make_key() {
  OpenSslPtr<EVP_PKEY> key{::EVP_EC_gen("P-256")};
  check(key != nullptr, "make a key");
  return key;
}

void set_serial(X509* certificate) {
  BIGNUM* number = ::BN_new();
  bool done = number != nullptr && ::BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              ::BN_to_ASN1_INTEGER(number, ::X509_get_serialNumber(certificate)) != nullptr;
  ::BN_free(number);
  check(done, "make a serial number");
}

void set_name(X509* certificate, std::string const& name) {
  check(::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<unsigned char const*>(name.data()), static_cast<int>(name.size()),
                                     -1, 0) == 1,
        "name a certificate");
}

void add_extensions(X509* certificate, X509* issuer, Extensions const& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (auto const& [kind, value] : extensions) {
    OpenSslPtr<X509_EXTENSION> extension{::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    check(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
  }
}

/// If `issuer` is null, the certificate is self-signed.
OpenSslPtr<X509> make_certificate(std::string const& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, long life,
                                  Extensions const& extensions) {
  OpenSslPtr<X509> certificate{::X509_new()};
  check(certificate && ::X509_set_version(certificate.get(), 2) == 1, "make a certificate");
  X509* signer = issuer == nullptr ? certificate.get() : issuer;
  set_serial(certificate.get());
  // Valid from yesterday on, for clients whose clocks are behind.
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -day);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), life);
  set_name(certificate.get(), name);
  check(::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(signer)) == 1 &&
            ::X509_set_pubkey(certificate.get(), key) == 1,
        "make a certificate");
  add_extensions(certificate.get(), signer, extensions);
  check(::X509_sign(certificate.get(), issuer_key, ::EVP_sha256()) > 0, "sign a certificate");
  return certificate;
}

OpenSslPtr<BIO> memory() {
  OpenSslPtr<BIO> bio{::BIO_new(::BIO_s_mem())};
  check(bio != nullptr, "allocate memory");
  return bio;
}

std::string_view text_of(BIO* content) {
  char* bytes = nullptr;
  long const size = BIO_get_mem_data(content, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

constexpr std::string_view postgres_protocol{"\x0apostgresql", 11};

/// A client that names protocols (ALPN) must name PostgreSQL's; otherwise it expects another server.
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* size, unsigned char const* offered,
                    unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  auto const* ours = reinterpret_cast<unsigned char const*>(postgres_protocol.data());
  if (::SSL_select_next_proto(&found, size, ours, postgres_protocol.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

/// What PostgreSQL mostly sends at once. libpq has that much space when it reads, and asks the socket before it reads
/// more: the rest of a longer record stays in OpenSSL, and a client that waits for the socket waits for ever.
constexpr long longest_record = 8192;

OpenSslPtr<SSL_CTX> make_context() {
  OpenSslPtr<SSL_CTX> context{::SSL_CTX_new(::TLS_server_method())};
  check(context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
            SSL_CTX_set1_groups_list(context.get(), "X25519:P-256") == 1 &&
            SSL_CTX_set_max_send_fragment(context.get(), longest_record) == 1,
        "prepare TLS");
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  ::SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

}  // namespace

CertificateAuthority::CertificateAuthority(fs::path const& folder)
    : certificate_file_(folder / "ca.pem"), key_file_(folder / "ca.key") {
  if (read()) return;
  make();
  write();
}

bool CertificateAuthority::read() {
  std::string const certificate = read_own_file(certificate_file_);
  std::string const key = read_private_file(key_file_);
  OpenSslPtr<BIO> certificate_text{::BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size()))};
  OpenSslPtr<BIO> key_text{::BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))};
  certificate_.reset(::PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
  key_.reset(::PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  std::time_t soon = std::time(nullptr) + leaf_life;
  bool good = certificate_ && key_ && ::X509_check_private_key(certificate_.get(), key_.get()) == 1 &&
              ::X509_cmp_time(::X509_get0_notAfter(certificate_.get()), &soon) > 0;
  ::ERR_clear_error();
  return good;
}

void CertificateAuthority::make() {
  key_ = make_key();
  // A unique name, because a trust store may hold the authorities of several emulators.
  certificate_ =
      make_certificate("Lakebase emulator CA " + random_hex(8), key_.get(), nullptr, key_.get(), authority_life,
                       {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"}});
}

void CertificateAuthority::write() const {
  auto text = memory();
  check(::PEM_write_bio_PrivateKey(text.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "write a key");
  write_private_file(key_file_, text_of(text.get()));
  text = memory();
  check(::PEM_write_bio_X509(text.get(), certificate_.get()) == 1, "write a certificate");
  write_public_file(certificate_file_, text_of(text.get()));
}

OpenSslPtr<SSL_CTX> CertificateAuthority::server_context(std::string const& address) const {
  auto key = make_key();
  auto leaf = make_certificate(address, key.get(), certificate_.get(), key_.get(), leaf_life,
                               {{NID_basic_constraints, "critical,CA:FALSE"},
                                {NID_key_usage, "critical,digitalSignature"},
                                {NID_ext_key_usage, "serverAuth"},
                                {NID_subject_alt_name, "IP:" + address + ",DNS:localhost,IP:127.0.0.1,IP:::1"},
                                {NID_subject_key_identifier, "hash"},
                                {NID_authority_key_identifier, "keyid:always"}});
  auto context = make_context();
  check(::SSL_CTX_use_certificate(context.get(), leaf.get()) == 1 &&
            ::SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1 &&
            SSL_CTX_add1_chain_cert(context.get(), certificate_.get()) == 1,
        "use a certificate");
  return context;
}

}  // namespace lakebase::emulator
