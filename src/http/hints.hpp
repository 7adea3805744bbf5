#pragma once

#include <string>
#include <string_view>

#include <lakebase/error.hpp>

namespace lakebase::inline v0::detail {

/// What to do about an error of the service, in one sentence, for the traps that people are known to fall into. Empty
/// for others. `facts` holds status, code and message.
std::string hint_for(ErrorFacts const& facts);

/// Whether the service refused the token itself: a new one may be accepted.
bool is_rejected_token(int status, std::string_view message);

}  // namespace lakebase::inline v0::detail
