#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "data_plane/server/compute.hpp"

namespace lakebase::emulator {

/// The compute that serves a branch or an endpoint, which can be replaced by another one. Copies share it. Thread-safe.
class ComputeSlot {
 public:
  ComputeSlot() = default;
  explicit ComputeSlot(std::shared_ptr<Compute> compute) : shared_(std::make_shared<Shared>()) {
    shared_->compute = std::move(compute);
  }

  /// The one that serves now.
  std::shared_ptr<Compute> get() const {
    std::lock_guard lock{shared_->mutex};
    return shared_->compute;
  }
  std::shared_ptr<Compute> operator->() const { return get(); }
  /// Calls the function with the one that serves, and again if another one has taken its place meanwhile: what it does
  /// must bear that.
  template <class Work>
  auto with(Work const& work) const {
    for (;;) {
      auto const compute = get();
      try {
        return work(compute);
      } catch (DataPlaneError const& error) {
        if (get() == compute) throw;
      }
    }
  }
  /// Returns the former one. Sessions that it serves stay with it until it ends them.
  std::shared_ptr<Compute> replace(std::shared_ptr<Compute> compute) const {
    std::lock_guard lock{shared_->mutex};
    return std::exchange(shared_->compute, std::move(compute));
  }
  friend bool operator==(ComputeSlot const&, ComputeSlot const&) = default;

 private:
  friend class WeakComputeSlot;
  struct Shared {
    std::mutex mutex;
    std::shared_ptr<Compute> compute;
  };
  std::shared_ptr<Shared> shared_;
};

/// The same for a compute that may come into the slot itself: it does not keep the slot, which would keep it.
class WeakComputeSlot {
 public:
  explicit WeakComputeSlot(ComputeSlot const& slot) : shared_(slot.shared_) {}

  /// The one that serves now. @throws DataPlaneError if the slot is gone
  std::shared_ptr<Compute> get() const {
    ComputeSlot slot;
    slot.shared_ = shared_.lock();
    if (!slot.shared_) throw DataPlaneError("the branch is being removed", "57P01");
    return slot.get();
  }

 private:
  std::weak_ptr<ComputeSlot::Shared> shared_;
};

}  // namespace lakebase::emulator
