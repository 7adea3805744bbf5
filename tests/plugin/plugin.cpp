#include <lakebase/lakebase.hpp>

// What a plugin of some program may do with the library: a client that is a static object, one that is not, calls that
// succeed, fail and are given up, and a login.

namespace {

int failures(char const* host) {
  static lakebase::PostgresClient const for_ever{{.host = host, .token = "t"}};
  int count = 0;
  if (for_ever.get_project("projects/p").name != "projects/p") ++count;
  lakebase::PostgresClient const logged_in{{.host = host, .client_id = "id", .client_secret = "secret"}};
  if (logged_in.get_project("projects/p").name != "projects/p") ++count;
  try {
    static_cast<void>(logged_in.get_project("projects/none"));
    ++count;
  } catch (lakebase::NotFound const&) {
  }
  try {
    static_cast<void>(logged_in.with({.timeout = std::chrono::milliseconds{20}}).get_project("projects/slow"));
    ++count;
  } catch (lakebase::TransportError const&) {
  }
  return count;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int use_lakebase(char const* host) {
  try {
    return failures(host);
  } catch (...) {
    return -1;
  }
}
