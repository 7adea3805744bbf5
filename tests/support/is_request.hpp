#pragma once

#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include <lakebase/transport.hpp>

namespace lakebase::tests {

inline constexpr std::string_view example_host = "https://example.cloud.databricks.com";

/// What an id that the library makes looks like, as a regular expression.
inline std::string const uuid_pattern = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

/// The request has this verb, this path with query on the example host, this JSON body (compared as JSON; "" means no
/// body), a bearer token, and the headers that belong to its body.
::testing::Matcher<HttpRequest const&> IsRequest(std::string verb, std::string target, std::string body = "");

}  // namespace lakebase::tests
