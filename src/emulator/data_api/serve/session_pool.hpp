#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/computes.hpp"

namespace lakebase::emulator::data_api {

/// Sessions with one database, which are lent to one request each. Thread-safe.
class SessionPool {
 public:
  using Open = std::function<std::unique_ptr<DatabaseSession>()>;

  SessionPool(Open open, std::size_t most, std::chrono::milliseconds patience)
      : open_(std::move(open)), most_(most), patience_(patience) {}

  /// A session that goes back at the end, unless it is of no use any more.
  class Lease {
   public:
    Lease(SessionPool& pool, std::unique_ptr<DatabaseSession> session) : pool_(&pool), session_(std::move(session)) {}
    Lease(Lease&& other) noexcept : pool_(other.pool_), session_(std::move(other.session_)), spoilt_(other.spoilt_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (session_) pool_->give_back(spoilt_ ? nullptr : std::move(session_));
    }
    DatabaseSession& operator*() const { return *session_; }
    DatabaseSession* operator->() const { return session_.get(); }
    /// It is not lent again.
    void spoil() { spoilt_ = true; }

   private:
    SessionPool* pool_;
    std::unique_ptr<DatabaseSession> session_;
    bool spoilt_ = false;
  };

  /// @param told is called when a session has heard that the schema has changed, or when none has listened
  /// @throws ApiError PGRST003 if none is free in time, DataPlaneError if one cannot be opened
  Lease lend(std::function<void()> const& told);

 private:
  void give_back(std::unique_ptr<DatabaseSession> session);
  std::unique_ptr<DatabaseSession> take_idle(std::function<void()> const& told);

  Open const open_;
  std::size_t const most_;
  std::chrono::milliseconds const patience_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<DatabaseSession>> idle_;
  std::size_t lent_ = 0;
};

}  // namespace lakebase::emulator::data_api
