#include "http/curl_global.hpp"

#include <mutex>

#include <curl/curl.h>

#include <lakebase/error.hpp>

#include "base/guarded.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// libcurl locks by itself on most systems from 7.84 on. This lock has a trivial destructor, so that a client which is a
// static object can still be destroyed at exit.
constinit ForkSafeLock one_at_a_time;

}  // namespace

CurlGlobal::CurlGlobal() {
  std::lock_guard const lock{one_at_a_time};
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Error{"libcurl cannot be initialised"};
}

CurlGlobal::~CurlGlobal() {
  std::lock_guard const lock{one_at_a_time};
  curl_global_cleanup();
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
