#pragma once

#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include <lakebase/transport.hpp>

namespace lakebase::tests {

inline constexpr std::string_view example_host = "https://example.cloud.databricks.com";

/// The request has this verb, this path with query on the example host, this JSON body (compared as JSON; "" means no
/// body), a bearer token, and the headers that belong to its body.
::testing::Matcher<HttpRequest const&> IsRequest(std::string verb, std::string target, std::string body = "");

}  // namespace lakebase::tests
