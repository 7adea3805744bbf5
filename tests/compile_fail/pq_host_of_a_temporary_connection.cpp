// error: address of
#include <lakebase/pq/pq.hpp>

// What a temporary would take along comes as a copy, of which there is no address.
static_assert(std::is_same_v<decltype(lakebase::pq::connect({}).host()), std::string>);
static_assert(
    std::is_same_v<decltype(std::declval<lakebase::pq::ConnectionPool>().source()), lakebase::pq::ConnectionSource>);
static_assert(std::is_same_v<decltype(std::declval<lakebase::pq::EphemeralBranch>().name()), std::string>);
static_assert(
    std::is_same_v<decltype(std::declval<lakebase::pq::EphemeralBranch>().source()), lakebase::pq::ConnectionSource>);
static_assert(std::is_same_v<decltype(lakebase::pq::Param{1}.text()), std::string>);

bool use(lakebase::pq::ConnectionSource const& source) {
#ifdef WRONG
  std::string const* host = &lakebase::pq::connect(source).host();
#else
  auto const connection = lakebase::pq::connect(source);
  std::string const* host = &connection.host();
#endif
  return host->empty();
}
