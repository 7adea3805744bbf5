#include "http/curl_transport.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/ascii.hpp"
#include "base/per_process.hpp"
#include "base/text/url.hpp"
#include "http/curl_global.hpp"
#include "http/curl_pool.hpp"
#include "http/retry.hpp"
#include "http/sigpipe_block.hpp"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or later is needed (CURLOPT_PREREQFUNCTION)"
#endif

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;
using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;
using Kind = TransportError::Kind;

enum class Ending { finished, stopped, total, idle };

std::string seconds_text(nanoseconds span) {
  return fmt::format("{:.3g} s", std::chrono::duration<double>(std::max(span, nanoseconds{0})).count());
}

long milliseconds_up(nanoseconds span) {
  return static_cast<long>(
      std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(span).count(), 1, 24L * 3600 * 1000));
}

std::optional<SteadyTime> end_of(SteadyTime start, std::optional<nanoseconds> span) {
  return span ? std::optional{after(start, *span)} : std::nullopt;
}

// One exchange from the moment it has a slot.
class Exchange {
 public:
  Exchange(CurlSlot& slot, TransportLimits const& limits, SteadyTime start)
      : slot_(slot), limits_(limits), start_(start), deadline_(end_of(start, limits.total)) {}

  HttpResponse run() {
    limit_connection();
    auto const ending = drive();
    auto& exchange = slot_.exchange();
    if (ending == Ending::stopped) throw_cancelled();
    if (ending == Ending::total) {
      throw_error(Kind::timeout, fmt::format("no whole response within {}{}", seconds_text(*limits_.total), phase()));
    }
    if (ending == Ending::idle) throw_error(Kind::timeout, "silence for " + seconds_text(*limits_.idle));
    if (result_ != CURLE_OK) throw_result();
    if (!exchange.has_all_headers)
      throw_error(Kind::truncated, "the connection closed inside the headers of the response");
    long status = 0;
    curl_easy_getinfo(slot_.easy(), CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
  }

  [[noreturn]] static void throw_cancelled() {
    throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
  }

 private:
  void limit_connection() {
    auto connect = limits_.connect.value_or(std::chrono::seconds{300});
    if (limits_.total) connect = std::min(connect, *limits_.total);
    curl_easy_setopt(slot_.easy(), CURLOPT_CONNECTTIMEOUT_MS, milliseconds_up(connect));
  }

  // Keeps the handle added for as long as it lives. Removing it ends the transfer.
  class Added {
   public:
    explicit Added(CurlSlot& slot) : slot_(slot) {
      if (curl_multi_add_handle(slot_.multi(), slot_.easy()) != CURLM_OK) throw std::bad_alloc{};
    }
    ~Added() { curl_multi_remove_handle(slot_.multi(), slot_.easy()); }
    Added(Added const&) = delete;
    Added& operator=(Added const&) = delete;

   private:
    CurlSlot& slot_;
  };

  Ending drive() {
    SigpipeBlock const no_sigpipe;
    Added const added{slot_};
    auto* const multi = slot_.multi();
    std::stop_callback const wake{limits_.stop, [multi] { curl_multi_wakeup(multi); }};
    last_progress_ = start_;
    for (int running = 1;;) {
      if (limits_.stop.stop_requested()) return Ending::stopped;
      if (auto const code = curl_multi_perform(multi, &running); code != CURLM_OK) {
        result_ = CURLE_FAILED_INIT;
        return Ending::finished;
      }
      if (running == 0) break;
      auto const now = SteadyClock::now();
      if (deadline_ && now >= *deadline_) return Ending::total;
      if (is_silent(now)) return Ending::idle;
      curl_multi_poll(multi, nullptr, 0, static_cast<int>(time_to_wait(now)), nullptr);
    }
    int left = 0;
    auto const* const message = curl_multi_info_read(multi, &left);
    result_ = message != nullptr ? message->data.result : CURLE_FAILED_INIT;
    // Read here, because it may be lost when the handle is removed.
    curl_easy_getinfo(slot_.easy(), CURLINFO_REQUEST_SIZE, &request_bytes_);
    return Ending::finished;
  }

  // Whether no bytes have gone in either direction for too long. This counts from when the request goes out; before
  // that, the limit for connecting applies.
  bool is_silent(SteadyTime now) {
    if (!limits_.idle) return false;
    auto const& exchange = slot_.exchange();
    curl_off_t received = 0;
    curl_off_t sent = 0;
    curl_easy_getinfo(slot_.easy(), CURLINFO_SIZE_DOWNLOAD_T, &received);
    curl_easy_getinfo(slot_.easy(), CURLINFO_SIZE_UPLOAD_T, &sent);
    auto const progress = static_cast<curl_off_t>(exchange.header_bytes) + exchange.sends + received + sent;
    if (exchange.sends == 0 || progress != progress_) {
      progress_ = progress;
      last_progress_ = now;
      return false;
    }
    return now - last_progress_ >= *limits_.idle;
  }

  long time_to_wait(SteadyTime now) const {
    auto until = now + std::chrono::minutes{1};
    if (deadline_) until = std::min(until, *deadline_);
    if (auto const silent = end_of(last_progress_, limits_.idle)) until = std::min(until, *silent);
    return milliseconds_up(until - now);
  }

  bool maybe_sent() {
    if (request_bytes_ == 0) curl_easy_getinfo(slot_.easy(), CURLINFO_REQUEST_SIZE, &request_bytes_);
    return slot_.exchange().sends > 0 && (slot_.exchange().sends > 1 || request_bytes_ > 0);
  }

  std::string phase() const {
    if (slot_.exchange().sends > 0) return {};
    curl_off_t resolved = 0;
    curl_off_t connected = 0;
    curl_easy_getinfo(slot_.easy(), CURLINFO_NAMELOOKUP_TIME_T, &resolved);
    curl_easy_getinfo(slot_.easy(), CURLINFO_CONNECT_TIME_T, &connected);
    if (resolved == 0) return ": the name was not resolved";
    return connected == 0 ? ": no connection" : ": no TLS session";
  }

  // The status by which a proxy refused to make the tunnel; 0 if it did not refuse.
  long refusal_of_proxy() {
    long status = 0;
    if (slot_.exchange().sends == 0) curl_easy_getinfo(slot_.easy(), CURLINFO_HTTP_CONNECTCODE, &status);
    return status >= 300 ? status : 0;
  }

  // The id in a response that began and did not end.
  std::string_view request_id() { return find_header(slot_.exchange().response.headers, "x-request-id").value_or(""); }

  [[noreturn]] void throw_error(Kind kind, std::string message, std::string hint = {}) {
    throw TransportError{kind, maybe_sent(),
                         ErrorFacts{.message = std::move(message),
                                    .hint = std::move(hint),
                                    .request_id = std::string{request_id()},
                                    .retryable = judge_fault(kind) != Verdict::give_up}};
  }

  [[noreturn]] void throw_result();

  CurlSlot& slot_;
  TransportLimits const& limits_;
  SteadyTime start_;
  std::optional<SteadyTime> deadline_;
  SteadyTime last_progress_{};
  curl_off_t progress_ = 0;
  long request_bytes_ = 0;
  CURLcode result_ = CURLE_OK;
};

struct Meaning {
  Kind kind;
  std::string_view message;
  std::string_view hint;
};

Meaning meaning_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Kind::resolve, "the host name is unknown", "Check the host name, the network and the VPN."};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Kind::resolve, "the name of the proxy is unknown", "Check the proxy settings (HTTPS_PROXY)."};
    case CURLE_COULDNT_CONNECT:
      return {Kind::connect, "no connection", "Check the host, the port, firewalls and the proxy settings."};
    case CURLE_SSL_CONNECT_ERROR:
      return {Kind::tls, "the TLS handshake failed", "Check that the port speaks TLS and that no proxy interferes."};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {Kind::certificate, "the server's certificate is not accepted",
              "Check the host name; if a proxy or a private authority signs, name its certificate in ca_file."};
    case CURLE_SSL_CACERT_BADFILE:
      return {Kind::certificate, "the certificate authorities cannot be read", "Check ca_file and ca_dir."};
    case CURLE_SSL_CERTPROBLEM:
#if LIBCURL_VERSION_NUM >= 0x074d00
    case CURLE_SSL_CLIENTCERT:
#endif
      return {Kind::certificate, "the client's certificate is not usable",
              "Check client_certificate, client_key and client_key_password."};
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return {Kind::tls, "TLS cannot be set up", ""};
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_ABORTED_BY_CALLBACK:
      return {Kind::reset, "the connection broke before the response", ""};
    case CURLE_PARTIAL_FILE:
      return {Kind::truncated, "the connection broke inside the response", ""};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
#if LIBCURL_VERSION_NUM >= 0x080700
    case CURLE_TOO_LARGE:
#endif
      return {Kind::protocol, "the response is not HTTP", "Check the host and the port: something else listens there."};
    case CURLE_PROXY:
      return {Kind::connect, "the proxy refused", "Check the proxy settings (HTTPS_PROXY)."};
    default:
      return {Kind::other, "the request failed", ""};
  }
}

// If an authority has the right name but another key, libcurl reports the first error of OpenSSL, which is not one
// about the certificate.
bool is_about_certificate(std::string_view detail) {
  return detail.find("asn1 encoding routines") != std::string_view::npos ||
         detail.find("certificate verify failed") != std::string_view::npos;
}

// Whether libcurl's own text for the failure quotes its input, such as the URL of a proxy with its password.
bool quotes_input(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
}

void Exchange::throw_result() {
  auto const& exchange = slot_.exchange();
  bool const has_words = slot_.error_text()[0] != '\0' && !quotes_input(result_);
  std::string const detail{trim(has_words ? slot_.error_text() : curl_easy_strerror(result_))};
  if (exchange.is_too_large) {
    throw_error(Kind::too_large, "the response is longer than the limit", "Raise max_response_bytes, or request less.");
  }
  if (auto const status = refusal_of_proxy(); status != 0) {
    throw_error(status >= 500 ? Kind::connect : Kind::other, fmt::format("the proxy refused: {}", status),
                status == 407 ? "Put the user and the password into the proxy's URL."
                              : "Check the proxy settings (HTTPS_PROXY), and what the proxy lets through.");
  }
  if (result_ == CURLE_OPERATION_TIMEDOUT) {
    auto const kind = exchange.sends == 0 ? Kind::connect : Kind::timeout;
    throw_error(kind, kind == Kind::connect ? fmt::format("no connection in time{}", phase()) : "no response in time");
  }
  if (exchange.sends > 1 && result_ == CURLE_ABORTED_BY_CALLBACK) {
    throw_error(Kind::reset, "the kept-alive connection broke before the response");
  }
  bool const is_untrusted = result_ == CURLE_SSL_CONNECT_ERROR && is_about_certificate(detail);
  auto const meaning = meaning_of(is_untrusted ? CURLE_PEER_FAILED_VERIFICATION : result_);
  if (meaning.kind == Kind::reset && exchange.header_bytes > 0) {
    throw_error(Kind::truncated, fmt::format("the connection broke inside the response: {}", detail));
  }
  throw_error(meaning.kind, fmt::format("{}: {}", meaning.message, detail), std::string{meaning.hint});
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options) : options_(std::move(options)) {}

  HttpResponse send(HttpRequest const& request, TransportLimits const& limits) override {
    auto const start = SteadyClock::now();
    auto& pool = pool_.get([this](CurlPool const*) { return std::make_unique<CurlPool>(options_); });
    auto const lease = pool.take(origin_of(request.url), end_of(start, limits.total), limits.stop);
    if (!lease) {
      if (limits.stop.stop_requested()) Exchange::throw_cancelled();
      throw TransportError{Kind::timeout, false,
                           ErrorFacts{.message = "all connections of the client are in use",
                                      .hint = "Raise max_connections_per_pool, or make fewer calls at once.",
                                      .retryable = true}};
    }
    auto& slot = **lease;
    slot.prepare(request, lease->origin(), options_);
    return Exchange{slot, limits, start}.run();
  }

 private:
  CurlGlobal const global_{};  // first, so that it outlives the handles
  CurlOptions const options_;
  PerProcess<CurlPool> pool_;
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport(CurlOptions options) {
  return std::make_shared<CurlTransport>(std::move(options));
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
