#include "http/hints.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view name_a_storage_catalog =
    "A synced table keeps its pipeline's data in Unity Catalog: name a standard catalog and schema in "
    "new_pipeline_spec.storage_catalog and storage_schema.";
constexpr std::string_view turn_on_the_feed =
    "TRIGGERED and CONTINUOUS need the change data feed of the source: ALTER TABLE … SET TBLPROPERTIES "
    "(delta.enableChangeDataFeed = true), or use SNAPSHOT.";
constexpr std::string_view no_zero_bytes =
    "PostgreSQL's text holds no zero byte: remove them from the source's strings.";
constexpr std::string_view make_it_again =
    "A synced table is for SELECT, CREATE INDEX and DROP TABLE: delete it, drop the table in PostgreSQL, and create it "
    "again.";
constexpr std::string_view rights_on_the_source =
    "A synced table needs USE CATALOG, USE SCHEMA and SELECT on its source: ask their owner.";

// Whatever API they come from.
constexpr std::array general_traps{
    Trap{403, "not authorized to access this workspace",
         "Add the identity to the workspace, or check that the host is the right one."},
    Trap{403, "does not have access to workspace",
         "Add the identity to the workspace, or check that the host is the right one."},
    Trap{0, "storage catalog", name_a_storage_catalog},
    Trap{0, "storage_catalog", name_a_storage_catalog},
    Trap{0, "change data feed", turn_on_the_feed},
    Trap{0, "changeDataFeed", turn_on_the_feed},
    Trap{0, "null byte", no_zero_bytes},
    Trap{0, "0x00", no_zero_bytes},
    Trap{0, "modified outside", make_it_again},
    Trap{0, "modified by hand", make_it_again},
    Trap{403, "USE CATALOG", rights_on_the_source},
    Trap{403, "USE SCHEMA", rights_on_the_source},
    Trap{403, "SELECT on", rights_on_the_source},
};

constexpr std::array rejections{"Invalid access token", "Token is expiring within", "JWT has expired", "Invalid Token",
                                "ExpiredJwtException",  "token is expired",         "token expired"};

// Exactly these texts: a 400 may be about tokens of any kind.
constexpr std::array rejections_of_400{"Invalid Token", "Invalid access token"};

}  // namespace

bool is_rejected_token(int status, std::string_view message) {
  if (status == 401) return true;
  if (status == 400) {
    return std::any_of(rejections_of_400.begin(), rejections_of_400.end(),
                       [&](std::string_view text) { return message.find(text) != std::string_view::npos; });
  }
  if (status != 403) return false;
  for (std::string_view const text : rejections) {
    if (contains_ignoring_case(message, text)) return true;
  }
  return false;
}

std::string hint_of(std::span<Trap const> traps, ErrorFacts const& facts) {
  for (auto const& trap : traps) {
    bool const is_status = trap.status == 0 || trap.status == facts.http_status;
    if (is_status && contains_ignoring_case(facts.message, trap.text)) return std::string{trap.hint};
  }
  return {};
}

std::string hint_for(ErrorFacts const& facts, Advice advise) {
  if (is_rejected_token(facts.http_status, facts.message)) {
    return "The token is missing, wrong, expired or of another workspace: check the host and the credentials.";
  }
  if (auto hint = advise != nullptr ? advise(facts) : std::string{}; !hint.empty()) return hint;
  if (auto hint = hint_of(general_traps, facts); !hint.empty()) return hint;
  switch (facts.http_status) {
    case 403:
      return "The identity is known, but may not do this: ask an owner for the permission.";
    case 429:
      return "Too many requests: send fewer, or give the call more time.";
    default:
      return {};
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
