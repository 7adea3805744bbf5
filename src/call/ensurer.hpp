#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lakebase/ensure.hpp>
#include <lakebase/error.hpp>
#include <lakebase/field_mask.hpp>

#include "call/pace.hpp"

// How the `ensure_*` functions of a service bring a resource to a state, by public calls of its client.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The differences between the wanted state and the actual one, as far as both are known.
class Differences {
 public:
  /// A member that an update can change, by its path in a mask.
  template <class T>
  void compare(std::string_view path, std::optional<T> const& wanted, std::optional<T> const& found) {
    if (wanted && wanted != found) add(path);
  }
  template <class Container>
  void compare_whole(std::string_view path, Container const& wanted, Container const& found) {
    if (!wanted.empty() && wanted != found) add(path);
  }
  /// A member that is fixed at creation. If the actual state does not show it, it is taken to be as wanted.
  template <class T, class Same = std::equal_to<>>
  void compare_fixed(std::string_view member, std::optional<T> const& wanted, std::optional<T> const& found,
                     Same same = {}) {
    if (wanted && found && !same(*wanted, *found)) fixed_.emplace_back(member);
  }

  void add(std::string_view path) {
    if (std::find(paths_.begin(), paths_.end(), path) == paths_.end()) paths_.emplace_back(path);
  }

  std::vector<std::string> const& fixed() const { return fixed_; }
  FieldMask mask() const { return FieldMask{paths_}; }

 private:
  std::vector<std::string> paths_;
  std::vector<std::string> fixed_;
};

[[noreturn]] inline void throw_exists(std::string_view name, std::string message, std::string hint) {
  throw AlreadyExists{{.message = fmt::format("{} {}", name, message), .hint = std::move(hint)}};
}

/// @throws AlreadyExists if what is fixed at creation differs
inline void require_same_fixed(std::string_view name, Differences const& differences) {
  if (differences.fixed().empty()) return;
  throw_exists(name,
               fmt::format("exists with another {} than wanted, which is fixed at creation",
                           fmt::join(differences.fixed(), ", ")),
               "Choose another id, or delete it first.");
}

/// The calls for one resource of a service.
template <class Client, class T>
struct EnsureCalls {
  std::string name{};
  std::function<T(Client const&)> get{};
  std::function<T()> create{};
  /// Brings what exists to the wanted state.
  std::function<Ensured<T>(T const&)> reconcile{};
  /// Whether it is still being created, as far as its state shows.
  bool (*is_being_made)(T const&) = [](T const&) { return false; };
  /// Whether the error of a creation says that it exists.
  bool (*says_exists)(Error const&) = nullptr;
};

template <class Client, class T>
class Ensurer {
 public:
  /// Both references must outlive it.
  Ensurer(Client const& client, EnsureCalls<Client, T> calls, EnsureOptions const& options)
      : client_(client),
        calls_(std::move(calls)),
        options_(options),
        clock_(options.clock ? options.clock : client.clock()) {}

  Ensured<T> run() const {
    if (auto const found = find(client_)) return calls_.reconcile(*found);
    try {
      return create();
    } catch (TransportError const& error) {
      if (!error.maybe_sent()) throw;
    }
    // The response was lost: either it exists, or the request never arrived.
    if (auto const found = find_made()) {
      auto result = calls_.reconcile(*found);
      if (result.outcome == EnsureOutcome::unchanged) result.outcome = EnsureOutcome::created;
      return result;
    }
    return create();
  }

 private:
  Ensured<T> create() const {
    try {
      return {calls_.create(), EnsureOutcome::created};
    } catch (Error const& error) {
      if (!calls_.says_exists(error)) throw;
      auto const found = find_made();
      // Something else is in the way, such as another read-write endpoint.
      if (!found) throw;
      return calls_.reconcile(*found);
    }
  }

  std::optional<T> find(Client const& client) const {
    try {
      return calls_.get(client);
    } catch (NotFound const&) {
      return std::nullopt;
    }
  }

  // The steps of the loop that waits until the resource is created by another call, whose operation is not known.
  struct Finding {
    Ensurer const& ensurer;
    WaitOptions const& wait;
    Pace& pace;

    void check() const {
      if (pace.loop().attempts() == 0) return;
      if (pace.loop().is_stopped()) throw_stopped();
      if (pace.is_over()) give_up();
    }
    std::optional<std::optional<T>> attempt() const {
      auto found = poll();
      if (found && ensurer.calls_.is_being_made(*found)) return std::nullopt;
      return std::optional<std::optional<T>>{std::in_place, std::move(found)};
    }
    std::optional<T> poll() const {
      auto const& client = ensurer.client_;
      try {
        return ensurer.find(client.with(options_of_poll(client.options(), client.config(), pace.left(), wait.stop)));
      } catch (Cancelled const&) {
        throw_stopped();
      } catch (TransportError const& error) {
        if (error.kind() != TransportError::Kind::timeout || !pace.is_over()) throw;
      }
      return give_up();
    }
    std::optional<std::chrono::nanoseconds> next_pause() const { return pace.next_pause(); }
    [[noreturn]] std::optional<T> give_up() const {
      throw DeadlineExceeded{
          ErrorFacts{.message = fmt::format("{} is still being created", ensurer.calls_.name), .retryable = true}};
    }
    [[noreturn]] void throw_stopped() const {
      throw Cancelled{ErrorFacts{.message = fmt::format("the wait for {} was stopped", ensurer.calls_.name)}};
    }
  };

  std::optional<T> find_made() const {
    auto const wait = merged(options_.wait, client_.config().wait);
    Pace pace{*clock_, wait};
    Finding finding{*this, wait, pace};
    return pace.loop().run(finding);
  }

  Client const& client_;
  EnsureCalls<Client, T> calls_;
  EnsureOptions const& options_;
  std::shared_ptr<Clock> clock_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
