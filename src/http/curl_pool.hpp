#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/transport.hpp>

#include "http/curl_handle.hpp"
#include "http/curl_transport.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The results of one exchange, written by the callbacks of libcurl.
struct CurlExchange {
  HttpResponse response{};
  std::size_t max_response_bytes = 0;
  std::size_t header_bytes = 0;
  /// How often libcurl began to send the request; more than once after a replay on a new connection.
  int sends = 0;
  bool may_replay = false;
  bool has_all_headers = false;
  bool is_too_large = false;
};

/// A transfer handle with connections of its own, used by one call at a time. Keeps its options between calls.
class CurlSlot {
 public:
  explicit CurlSlot(CurlOptions const& options);
  ~CurlSlot();
  CurlSlot(CurlSlot const&) = delete;
  CurlSlot& operator=(CurlSlot const&) = delete;

  /// Makes the handle ready for a request. `request` must outlive the exchange.
  void prepare(HttpRequest const& request, std::string_view origin, CurlOptions const& options);

  CURL* easy() const noexcept { return easy_.get(); }
  CURLM* multi() const noexcept { return multi_.get(); }
  CurlExchange& exchange() noexcept { return exchange_; }
  std::string const& origin() const noexcept { return origin_; }
  char const* error_text() const noexcept { return error_text_.data(); }

  std::chrono::steady_clock::time_point last_use{};

 private:
  void set_url(std::string_view url, std::string_view origin, CurlOptions const& options);
  void set_method(HttpRequest const& request);
  void set_headers(HttpRequest const& request);

  // The multi handle owns the connections, so it is destroyed last.
  CurlMulti multi_;
  CurlEasy easy_;
  CurlUrl url_;
  CurlList header_list_{};
  Headers headers_{};  // from which header_list_ was made
  std::string origin_{};
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  CurlExchange exchange_{};
};

/// The slots of a transport. A call takes one and gives it back; it waits if all that the limits allow are taken.
class CurlPool {
 private:
  struct Origin {
    std::string name;
    std::size_t in_use = 0;
  };

 public:
  /// A slot on loan.
  class Lease {
   public:
    Lease(CurlPool& pool, std::unique_ptr<CurlSlot> slot, Origin& origin)
        : pool_(pool), slot_(std::move(slot)), origin_(origin) {}
    Lease(Lease const&) = delete;
    Lease& operator=(Lease const&) = delete;
    ~Lease() { pool_.give_back(std::move(slot_), origin_); }

    CurlSlot& operator*() const noexcept { return *slot_; }
    std::string const& origin() const noexcept { return origin_.name; }

   private:
    CurlPool& pool_;
    std::unique_ptr<CurlSlot> slot_;
    Origin& origin_;
  };

  explicit CurlPool(CurlOptions const& options) : options_(options) {}

  /// A slot for that origin, with an open connection to it if there is one. None if `deadline` passed or `stop` was
  /// requested before one became free.
  std::optional<Lease> take(std::string_view origin, std::optional<std::chrono::steady_clock::time_point> deadline,
                            std::stop_token const& stop);

 private:
  // A call that waits. It sleeps on a lock of its own, so that waking it wakes nobody else, and it contends for no
  // other lock when it goes on.
  class Waiter {
   public:
    explicit Waiter(Origin& wanted) : origin(wanted) {}
    /// Waits until it is served; false if the time is over or `stop` was requested before.
    bool wait(std::optional<std::chrono::steady_clock::time_point> deadline, std::stop_token const& stop);
    void serve(std::unique_ptr<CurlSlot> lent) noexcept;

    Origin& origin;
    bool is_chosen = false;            // and no longer in the queue
    std::unique_ptr<CurlSlot> slot{};  // null: it is served the room for a new one

   private:
    std::mutex mutex_{};
    std::condition_variable changed_{};
    bool is_served_ = false;
    bool is_stopped_ = false;
  };

  Origin& find_origin(std::string_view name);
  bool has_room(Origin const& origin) const;
  bool is_unused(Origin const& origin) const;
  bool queue_up(std::unique_lock<std::mutex>& lock, Waiter& me,
                std::optional<std::chrono::steady_clock::time_point> deadline, std::stop_token const& stop);
  Waiter* choose_next() noexcept;
  std::unique_ptr<CurlSlot> lend(Origin& origin) noexcept;
  std::unique_ptr<CurlSlot> idle_slot(std::string_view origin) noexcept;
  void give_back(std::unique_ptr<CurlSlot> slot, Origin& origin) noexcept;
  std::unique_ptr<CurlSlot> take_stale_slot(std::chrono::steady_clock::time_point now);

  CurlOptions const& options_;
  std::mutex mutex_;
  std::list<Waiter*> waiting_;                   // first come, first served
  std::vector<std::unique_ptr<CurlSlot>> idle_;  // least recently used first
  std::list<Origin> origins_;                    // few: the workspace, and perhaps a login server
  std::size_t in_use_in_all_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
