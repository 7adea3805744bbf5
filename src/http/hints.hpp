#pragma once

#include <span>
#include <string>
#include <string_view>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A well-known error, recognised by its status and by a text in its message, and what to do about it.
struct Trap {
  /// 0: any.
  int status = 0;
  /// Case is ignored.
  std::string_view text{};
  /// One sentence or two.
  std::string_view hint{};
};

/// The hint of the first trap that fits; empty if none does.
std::string hint_of(std::span<Trap const> traps, ErrorFacts const& facts);

/// A service's advice on one of its errors; empty if there is none. `facts` holds status, code, message and path.
using Advice = std::string (*)(ErrorFacts const& facts);

/// What to do about an error of a service, in one sentence: the service's own advice, or what holds for all of them.
/// Empty if nothing is known. `facts` holds status, code, message and path.
std::string hint_for(ErrorFacts const& facts, Advice advise = nullptr);

/// Whether the service refused the token itself: a new one may be accepted.
bool is_rejected_token(int status, std::string_view message);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
