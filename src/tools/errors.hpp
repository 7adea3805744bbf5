#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <lakebase/error.hpp>

namespace lakebase::tools {

/// What is told of an error: the service's own words, without the call that it was about.
std::string message_of(std::exception const& error);

/// What to do about an error of the service, in a sentence; empty if nothing is known.
std::string advice_on(std::exception const& error);

/// Throws the error with what it was for in front of its message; an ApiError stays one, with its status and code.
[[noreturn]] void rethrow(std::string_view what, Error const& error);

/// What a call gives, or its error with what it was for.
template <class Call>
auto attempt(std::string_view what, Call const& call) {
  try {
    return call();
  } catch (Error const& error) {
    rethrow(what, error);
  }
}

}  // namespace lakebase::tools
