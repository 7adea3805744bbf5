#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/pq/connection_parameters.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Whether the loaded libpq has a keyword; it fails on an unknown one.
bool libpq_knows(std::string_view keyword);
/// The environment variable that libpq reads for a keyword, if there is one.
std::optional<std::string> variable_for(std::string_view keyword);

using Keywords = std::vector<std::pair<std::string, std::string>>;

/// The parameters as keywords of libpq, without those that are empty.
/// @throws ConfigError
Keywords keywords_of(ConnectionParameters const& parameters, std::optional<std::string_view> password);

/// `keyword='value' …`, quoted.
std::string conninfo_of(Keywords const& keywords);

/// The string that this library dials: `keywords_of`, and everything that keeps stray PG* variables from redirecting or
/// weakening the login. Variables fill in keywords that are absent; in this form an empty value keeps them out.
std::string dial_string(ConnectionParameters const& parameters, std::string_view password, bool is_token);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
