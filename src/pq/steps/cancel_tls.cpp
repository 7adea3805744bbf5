#include "pq/steps/cancel_tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

// OpenSSL reports by its queue of errors, which must be empty before each call.
class CleanErrors {
 public:
  CleanErrors() { ERR_clear_error(); }
  ~CleanErrors() { ERR_clear_error(); }
  CleanErrors(CleanErrors const&) = delete;
  CleanErrors& operator=(CleanErrors const&) = delete;
};

bool trust(SSL_CTX* context, std::string const& root_file) {
  if (root_file == "system") return SSL_CTX_set_default_verify_paths(context) == 1;
  return SSL_CTX_load_verify_locations(context, root_file.c_str(), nullptr) == 1;
}

bool is_address(std::string const& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

bool CancelTls::prepare(CancelRequest const& request) {
  CleanErrors const errors;
  return set_up(request);
}

bool CancelTls::set_up(CancelRequest const& request) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) return false;
  if (request.check_chain) {
    if (!trust(context_.get(), request.root_file)) return false;
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  tls_.reset(SSL_new(context_.get()));
  if (!tls_) return false;
  BIO* const incoming = BIO_new(BIO_s_mem());
  BIO* const outgoing = BIO_new(BIO_s_mem());
  if (incoming == nullptr || outgoing == nullptr) {
    BIO_free(incoming);
    BIO_free(outgoing);
    return false;
  }
  SSL_set_bio(tls_.get(), incoming, outgoing);
  return expect_host(request);
}

bool CancelTls::expect_host(CancelRequest const& request) {
  bool const address = is_address(request.host);
  if (!address && SSL_set_tlsext_host_name(tls_.get(), request.host.c_str()) != 1) return false;
  if (!request.check_host) return true;
  SSL_set_hostflags(tls_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), request.host.c_str()) == 1;
  return SSL_set1_host(tls_.get(), request.host.c_str()) == 1;
}

bool CancelTls::feed(std::string_view bytes) {
  auto const size = static_cast<int>(bytes.size());
  return BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), size) == size;
}

std::string CancelTls::take_outgoing() {
  char* bytes = nullptr;
  auto const size = BIO_get_mem_data(SSL_get_wbio(tls_.get()), &bytes);
  if (size <= 0) return {};
  std::string taken{bytes, static_cast<std::size_t>(size)};
  static_cast<void>(BIO_reset(SSL_get_wbio(tls_.get())));
  return taken;
}

CancelTls::State CancelTls::state_after(int result) const {
  if (result > 0) return State::done;
  return SSL_get_error(tls_.get(), result) == SSL_ERROR_WANT_READ ? State::needs_more : State::failed;
}

CancelTls::State CancelTls::connect() {
  CleanErrors const errors;
  return state_after(SSL_connect(tls_.get()));
}

bool CancelTls::write(std::string_view bytes) {
  CleanErrors const errors;
  return state_after(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))) == State::done;
}

CancelTls::State CancelTls::skip() {
  CleanErrors const errors;
  char byte = 0;
  auto state = State::done;
  while (state == State::done) state = state_after(SSL_read(tls_.get(), &byte, 1));
  return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0 ? State::done : state;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
