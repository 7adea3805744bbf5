#pragma once

#include <string_view>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Whether a code alone, without a status, tells the type of the error.
bool is_code_of_a_type(std::string_view code) noexcept;

/// Throws the type of the error: by `error_code`, else by status.
[[noreturn]] void throw_api_error(ErrorFacts facts);

/// Rethrows the error that is being handled, as its own type, with the facts that `facts_of(Error const&)` returns.
/// Cancelled, and what is not about a call, is rethrown as it is.
template <class FactsOf>
[[noreturn]] void rethrow_with(FactsOf const& facts_of) {
  try {
    throw;
  } catch (ApiError const& error) {
    throw_api_error(facts_of(error));
  } catch (TransportError const& error) {
    throw TransportError{error.kind(), error.maybe_sent(), facts_of(error)};
  } catch (AuthError const& error) {
    throw AuthError{error.strategy(), facts_of(error)};
  } catch (ParseError const& error) {
    throw ParseError{error.json_path(), facts_of(error)};
  } catch (ConfigError const& error) {
    throw ConfigError{facts_of(error)};
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
