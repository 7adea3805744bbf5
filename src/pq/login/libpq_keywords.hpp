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

/// Whether the libpq at hand has a keyword; an unknown one is a hard error to it.
bool libpq_knows(std::string_view keyword);
/// The environment variable that libpq reads for a keyword; none where there is none.
std::optional<std::string> variable_for(std::string_view keyword);

using Keywords = std::vector<std::pair<std::string, std::string>>;

/// The parameters as keywords of libpq, without those that are empty.
/// @throws ConfigError
Keywords keywords_of(ConnectionParameters const& parameters, std::optional<std::string_view> password);

/// `keyword='value' …`, quoted.
std::string conninfo_of(Keywords const& keywords);

/// What this library dials: `keywords_of`, and beside it everything that keeps stray PG* variables from redirecting or
/// weakening the login. Variables fill keywords that are absent; in this form an empty value keeps them out.
std::string dial_string(ConnectionParameters const& parameters, std::string_view password, bool is_token);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
