#include "base/events/watch.hpp"

#include <typeinfo>

#if __has_include(<cxxabi.h>)
#include <cxxabi.h>
#include <cstdlib>
#include <memory>
#endif

#include <fmt/format.h>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

std::string name_of_type(std::type_info const& type) {
  std::string name = type.name();
#if __has_include(<cxxabi.h>)
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> const readable{
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free};
  if (status == 0 && readable) name = readable.get();
#endif
  // The inline namespace of the version is no part of a name that people write.
  constexpr std::string_view version = "lakebase::v0::";
  if (auto const at = name.find(version); at != std::string::npos)
    name.erase(at, version.size()).insert(at, "lakebase::");
  return name;
}

std::string type_of(Error const& error) {
  if (auto const* const fault = dynamic_cast<TransportError const*>(&error)) {
    return std::string{error_type_of(fault->kind())};
  }
  if (error.http_status() >= 400) return fmt::format("{}", error.http_status());
  // Of PostgreSQL, or of an operation that failed.
  return error.error_code().empty() ? name_of_type(typeid(error)) : error.error_code();
}

// Five characters, of an event about PostgreSQL.
bool has_sqlstate(Event const& event, std::string_view error_type) {
  switch (event.kind) {
    case EventKind::connect:
    case EventKind::login:
    case EventKind::query:
    case EventKind::copy:
    case EventKind::open:
    case EventKind::acquire:
      return error_type.size() == 5 && error_type.find(':') == std::string_view::npos;
    default:
      return false;
  }
}

}  // namespace

std::string error_type_of(std::exception_ptr const& error) {
  try {
    std::rethrow_exception(error);
  } catch (Error const& thrown) {
    return type_of(thrown);
  } catch (std::exception const& thrown) {
    return name_of_type(typeid(thrown));
  } catch (...) {
    return "_OTHER";  // the conventions' own word for it
  }
}

std::string_view error_type_of(TransportError::Kind kind) noexcept {
  using Kind = TransportError::Kind;
  switch (kind) {
    case Kind::resolve:
      return "resolve";
    case Kind::connect:
      return "connect";
    case Kind::tls:
      return "tls";
    case Kind::certificate:
      return "certificate";
    case Kind::timeout:
      return "timeout";
    case Kind::reset:
      return "reset";
    case Kind::truncated:
      return "truncated";
    case Kind::protocol:
      return "protocol";
    case Kind::too_large:
      return "too_large";
    case Kind::other:
      break;
  }
  return "_OTHER";
}

void tell_of(EventObserver& observer, Event const& event) noexcept {
  try {
    observer.ended(event, {});
  } catch (...) {  // an observer must not break the work
  }
}

OpenEvent::OpenEvent(EventObserver& observer, Clock const* clock, Event const& event) noexcept
    : observer_(&observer), clock_(clock), began_(now()) {
  try {
    context_ = observer.began(event);
  } catch (...) {  // an observer must not break the work
  }
}

std::chrono::steady_clock::time_point OpenEvent::now() const noexcept {
  return clock_ != nullptr ? clock_->now() : std::chrono::steady_clock::now();
}

void OpenEvent::end(Event event) noexcept {
  auto* const observer = std::exchange(observer_, nullptr);
  if (observer == nullptr) return;
  event.duration = now() - began_;
  try {
    observer->ended(event, std::exchange(context_, nullptr));
  } catch (...) {  // an observer must not break the work
  }
}

void OpenEvent::fail(Event event, std::exception_ptr const& error) noexcept {
  if (observer_ == nullptr) return;
  std::string type;
  try {
    type = error_type_of(error);
  } catch (...) {  // no memory: the short word fits
    type = "_OTHER";
  }
  if (event.error_type.empty()) event.error_type = type;
  if (event.sqlstate.empty() && has_sqlstate(event, event.error_type)) event.sqlstate = event.error_type;
  end(event);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
