#include "http/curl_pool.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/ascii.hpp"
#include "base/guarded.hpp"
#include "http/sigpipe_block.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::size_t most_header_bytes = std::size_t{1} << 18U;  // libcurl breaks off at 300 KiB and does not say why
constexpr std::size_t most_reserved_bytes = std::size_t{1} << 20U;
constexpr auto longest_idle = std::chrono::seconds{120};
constexpr std::size_t most_origins = 16;

std::size_t write_body(char const* data, std::size_t, std::size_t size, void* target) {
  auto& exchange = *static_cast<CurlExchange*>(target);
  auto& body = exchange.response.body;
  if (size > exchange.max_response_bytes - std::min(body.size(), exchange.max_response_bytes)) {
    exchange.is_too_large = true;
    return 0;
  }
  body.append(data, size);
  return size;
}

void reserve_body(CurlExchange& exchange, std::string_view length) {
  std::size_t size = 0;
  std::from_chars(length.data(), length.data() + length.size(), size);
  exchange.response.body.reserve(std::min({size, exchange.max_response_bytes, most_reserved_bytes}));
}

std::size_t read_header(char const* data, std::size_t, std::size_t size, void* target) {
  auto& exchange = *static_cast<CurlExchange*>(target);
  exchange.header_bytes += size;
  if (exchange.header_bytes > most_header_bytes) {
    exchange.is_too_large = true;
    return 0;
  }
  auto const line = trim({data, size});
  if (line.empty()) {
    exchange.has_all_headers = true;
    return size;
  }
  if (line.starts_with("HTTP/")) {  // also after an interim response (1xx)
    exchange.response.headers.clear();
    exchange.has_all_headers = false;
    return size;
  }
  auto const colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  auto const name = line.substr(0, colon);
  auto const value = trim(line.substr(colon + 1));
  if (equal_ignoring_case(name, "content-length")) reserve_body(exchange, value);
  exchange.response.headers.emplace_back(name, value);
  return size;
}

// If a reused connection closes before the first byte of the response, libcurl sends the request again by itself,
// whatever its method. The server may have acted on it by then, so this lets only reads through.
int before_send(void* target, char*, char*, int, int) {
  auto& exchange = *static_cast<CurlExchange*>(target);
  ++exchange.sends;
  return exchange.sends > 1 && !exchange.may_replay ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

CURLcode log_no_keys(CURL*, void* context, void*) {
  SSL_CTX_set_keylog_callback(static_cast<SSL_CTX*>(context), nullptr);
  return CURLE_OK;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc{};
}

char const* text_or_null(std::string const& text) {
  return text.empty() ? nullptr : text.c_str();
}

void set_tls(CURL* easy, CurlOptions const& options) {
  if (!options.ca_file.empty() || !options.ca_dir.empty()) {  // either one replaces both of the system's
    set(easy, CURLOPT_CAINFO, text_or_null(options.ca_file));
    set(easy, CURLOPT_CAPATH, text_or_null(options.ca_dir));
  }
  if (!options.client_certificate.empty()) {
    set(easy, CURLOPT_SSLCERT, options.client_certificate.c_str());
    set(easy, CURLOPT_SSLKEY, (options.client_key.empty() ? options.client_certificate : options.client_key).c_str());
    set(easy, CURLOPT_KEYPASSWD, text_or_null(options.client_key_password));
  }
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, options.skip_verify ? 0L : 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, options.skip_verify ? 0L : 2L);
}

void set_protocol(CURL* easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  set(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // a name server that does not respond must not delay the end of a call
#endif
  // libcurl writes the keys of each session to the file that SSLKEYLOGFILE names, so that whoever can set a variable
  // could read all traffic. The function is called after libcurl has set that up.
  set(easy, CURLOPT_SSL_CTX_FUNCTION, &log_no_keys);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");  // supported by every server and every libcurl
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_TCP_NODELAY, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_NOPROGRESS, 1L);
}

template <class Handle>
Handle* checked(Handle* handle) {
  if (handle == nullptr) throw std::bad_alloc{};
  return handle;
}

[[noreturn]] void throw_malformed(std::string_view why) {
  throw TransportError{TransportError::Kind::other, false,
                       ErrorFacts{.message = fmt::format("the URL is malformed: {}", why)}};
}

void set_part(CURLU* url, CURLUPart part, char const* text) {
  auto const code = curl_url_set(url, part, text, 0);
  if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc{};
  if (code != CURLUE_OK) throw_malformed(curl_url_strerror(code));
}

}  // namespace

CurlSlot::CurlSlot(CurlOptions const& options)
    : multi_(checked(curl_multi_init())), easy_(checked(curl_easy_init())), url_(checked(curl_url())) {
  auto* const handle = easy();
  curl_multi_setopt(multi(), CURLMOPT_MAXCONNECTS, 2L);
  set_protocol(handle);
  set_tls(handle, options);
  set(handle, CURLOPT_ERRORBUFFER, error_text_.data());
  set(handle, CURLOPT_WRITEFUNCTION, write_body);
  set(handle, CURLOPT_WRITEDATA, &exchange_);
  set(handle, CURLOPT_HEADERFUNCTION, read_header);
  set(handle, CURLOPT_HEADERDATA, &exchange_);
  set(handle, CURLOPT_PREREQFUNCTION, before_send);
  set(handle, CURLOPT_PREREQDATA, &exchange_);
  set(handle, CURLOPT_NOPROXY, options.no_proxy.c_str());
  set(handle, CURLOPT_CURLU, url_.get());
}

CurlSlot::~CurlSlot() {
  // While libcurl closes a connection, it ignores SIGPIPE in the whole process, and then restores the disposition that
  // it found: two threads that do so at once could leave it ignored.
  static constinit ForkSafeLock one_at_a_time;
  std::lock_guard const lock{one_at_a_time};
  SigpipeBlock const no_sigpipe;
  easy_.reset();
  multi_.reset();
}

// In parts: parsing a whole URL and writing it again, as libcurl does for each request, takes as long as everything
// else in this library.
void CurlSlot::set_url(std::string_view url, std::string_view origin, CurlOptions const& options) {
  if (std::any_of(url.begin(), url.end(), [](char c) { return is_control(c) || c == ' '; })) {
    throw_malformed("it has a blank or a control character inside");
  }
  bool const is_https = origin.starts_with("https:");
  auto const& proxy = is_https ? options.https_proxy : options.http_proxy;
  if (origin_ != origin) {
    origin_.clear();
    std::string const text{origin};
    set_part(url_.get(), CURLUPART_URL, text.c_str());
    set(easy(), CURLOPT_PROXY, proxy.c_str());  // an empty text, unlike none, keeps libcurl from the environment
    origin_ = text;
  }
  std::string target{url.substr(origin.size(), url.find('#') - origin.size())};
  if (!target.starts_with('/')) target.insert(0, 1, '/');
  if (is_https || proxy.empty()) {
    set(easy(), CURLOPT_REQUEST_TARGET, target.c_str());
    return;
  }
  // A proxy that does not tunnel needs the whole URL as the request target, which libcurl puts together.
  set(easy(), CURLOPT_REQUEST_TARGET, static_cast<char*>(nullptr));
  auto const question = std::min(target.find('?'), target.size());
  auto const query = target.substr(std::min(question + 1, target.size()));
  target.resize(question);
  set_part(url_.get(), CURLUPART_PATH, target.c_str());
  set_part(url_.get(), CURLUPART_QUERY, query.empty() ? nullptr : query.c_str());
}

void CurlSlot::set_method(HttpRequest const& request) {
  auto* const handle = easy();
  if (request.method == "GET" && request.body.empty()) {
    set(handle, CURLOPT_HTTPGET, 1L);
    set(handle, CURLOPT_CUSTOMREQUEST, static_cast<char*>(nullptr));
    return;
  }
  if (request.method == "HEAD") {
    set(handle, CURLOPT_CUSTOMREQUEST, static_cast<char*>(nullptr));
    set(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  // Also without a body: the request then says `Content-Length: 0`, which some servers insist on.
  set(handle, CURLOPT_NOBODY, 0L);
  set(handle, CURLOPT_POST, 1L);
  set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  set(handle, CURLOPT_CUSTOMREQUEST, request.method == "POST" ? nullptr : request.method.c_str());
}

void CurlSlot::set_headers(HttpRequest const& request) {
  if (header_list_ && headers_ == request.headers) return;
  curl_slist* list = nullptr;
  auto const add = [&](char const* line) {
    auto* const longer = curl_slist_append(list, line);
    if (longer == nullptr) {
      curl_slist_free_all(list);
      throw std::bad_alloc{};
    }
    list = longer;
  };
  std::string line;
  for (auto const& [name, value] : request.headers) {
    // libcurl's spelling of an empty field; a colon alone would remove it.
    line.assign(name).append(value.empty() ? ";" : ": ").append(value);
    add(line.c_str());
  }
  add("Expect:");  // waiting for a `100 Continue` that never comes costs a second
  if (!find_header(request.headers, "Content-Type")) add("Content-Type:");
  if (!find_header(request.headers, "Accept")) add("Accept:");
  set(easy(), CURLOPT_HTTPHEADER, list);
  header_list_.reset(list);
  headers_ = request.headers;
}

void CurlSlot::prepare(HttpRequest const& request, std::string_view origin, CurlOptions const& options) {
  exchange_ = CurlExchange{};
  exchange_.max_response_bytes = options.max_response_bytes;
  exchange_.may_replay = request.method == "GET" || request.method == "HEAD";
  error_text_[0] = '\0';
  set_url(request.url, origin, options);
  set_method(request);
  set_headers(request);
}

// --- The pool ---

CurlPool::Origin& CurlPool::find_origin(std::string_view name) {
  auto const found =
      std::find_if(origins_.begin(), origins_.end(), [&](Origin const& origin) { return origin.name == name; });
  if (found != origins_.end()) return *found;
  // Redirects could lead to any number of hosts.
  if (origins_.size() >= most_origins) std::erase_if(origins_, [&](Origin const& origin) { return is_unused(origin); });
  return origins_.emplace_back(Origin{.name = std::string{name}});
}

bool CurlPool::is_unused(Origin const& origin) const {
  return origin.in_use == 0 && std::none_of(waiting_.begin(), waiting_.end(),
                                            [&](Waiter const* waiter) { return &waiter->origin == &origin; });
}

bool CurlPool::has_room(Origin const& origin) const {
  return in_use_in_all_ < options_.max_connections && origin.in_use < options_.max_connections_per_host;
}

bool CurlPool::Waiter::wait(std::optional<std::chrono::steady_clock::time_point> deadline,
                            std::stop_token const& stop) {
  is_stopped_ = false;  // nobody else looks at it yet
  std::stop_callback const wake{stop, [this] {
                                  std::lock_guard const lock{mutex_};
                                  is_stopped_ = true;
                                  changed_.notify_one();
                                }};
  std::unique_lock lock{mutex_};
  auto const is_over = [this] { return is_served_ || is_stopped_; };
  if (deadline) {
    changed_.wait_for(lock, time_left(std::chrono::steady_clock::now(), *deadline), is_over);
  } else {
    changed_.wait(lock, is_over);
  }
  return is_served_;
}

// Still holds the lock when it notifies: once that is free, the waiter may be gone.
void CurlPool::Waiter::serve(std::unique_ptr<CurlSlot> lent) noexcept {
  std::lock_guard const lock{mutex_};
  slot = std::move(lent);
  is_served_ = true;
  changed_.notify_one();
}

bool CurlPool::queue_up(std::unique_lock<std::mutex>& lock, Waiter& me,
                        std::optional<std::chrono::steady_clock::time_point> deadline, std::stop_token const& stop) {
  auto const place = waiting_.insert(waiting_.end(), &me);
  lock.unlock();
  if (me.wait(deadline, stop)) return true;
  lock.lock();
  if (!me.is_chosen) {
    waiting_.erase(place);
    return false;
  }
  lock.unlock();
  return me.wait({}, {});  // chosen in the same moment
}

// The next in the queue that can have what became free. It is handed over: a woken call that had to compete with
// newcomers would often wake for nothing.
CurlPool::Waiter* CurlPool::choose_next() noexcept {
  auto const next =
      std::find_if(waiting_.begin(), waiting_.end(), [&](Waiter const* waiter) { return has_room(waiter->origin); });
  if (next == waiting_.end()) return nullptr;
  auto* const waiter = *next;
  waiting_.erase(next);
  waiter->is_chosen = true;
  return waiter;
}

std::unique_ptr<CurlSlot> CurlPool::lend(Origin& origin) noexcept {
  auto slot = idle_slot(origin.name);
  ++origin.in_use;
  ++in_use_in_all_;
  return slot;
}

// The most recently used slot of the origin, whose connection is the most likely to be still open. Else any, if no
// further slot is allowed.
std::unique_ptr<CurlSlot> CurlPool::idle_slot(std::string_view origin) noexcept {
  auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](auto const& slot) { return slot->origin() == origin; });
  if (found == idle_.rend() && !idle_.empty() && idle_.size() + in_use_in_all_ >= options_.max_connections) {
    found = std::prev(idle_.rend());
  }
  if (found == idle_.rend()) return nullptr;
  auto slot = std::move(*found);
  idle_.erase(std::next(found).base());
  return slot;
}

std::optional<CurlPool::Lease> CurlPool::take(std::string_view origin,
                                              std::optional<std::chrono::steady_clock::time_point> deadline,
                                              std::stop_token const& stop) {
  std::unique_lock lock{mutex_};
  auto& mine = find_origin(origin);
  idle_.reserve(idle_.size() + in_use_in_all_ + waiting_.size() + 1);  // so that giving a slot back cannot fail
  std::unique_ptr<CurlSlot> slot;
  if (has_room(mine)) {  // then nobody waits for room
    slot = lend(mine);
    lock.unlock();
  } else {
    Waiter me{mine};
    if (!queue_up(lock, me, deadline, stop)) return std::nullopt;
    slot = std::move(me.slot);
  }
  if (!slot) {
    try {
      slot = std::make_unique<CurlSlot>(options_);
    } catch (...) {
      give_back(nullptr, mine);
      throw;
    }
  }
  return std::optional<Lease>{std::in_place, *this, std::move(slot), mine};
}

std::unique_ptr<CurlSlot> CurlPool::take_stale_slot(std::chrono::steady_clock::time_point now) {
  if (idle_.empty() || now - idle_.front()->last_use < longest_idle) return nullptr;
  auto slot = std::move(idle_.front());
  idle_.erase(idle_.begin());
  return slot;
}

void CurlPool::give_back(std::unique_ptr<CurlSlot> slot, Origin& origin) noexcept {
  std::unique_ptr<CurlSlot> stale;  // closed after the lock is released: closing may write to the connection
  std::unique_lock lock{mutex_};
  --in_use_in_all_;
  --origin.in_use;
  if (slot) {
    slot->last_use = std::chrono::steady_clock::now();
    stale = take_stale_slot(slot->last_use);
    idle_.push_back(std::move(slot));
  }
  auto* const next = choose_next();
  auto lent = next != nullptr ? lend(next->origin) : nullptr;
  lock.unlock();
  if (next != nullptr) next->serve(std::move(lent));
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
