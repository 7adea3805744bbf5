#include "http/curl_global.hpp"

#include <mutex>

#include <curl/curl.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// libcurl locks by itself on most systems from 7.84 on. The mutex has a trivial destructor, so that a client which is a
// static object can still be destroyed at exit.
constinit std::mutex mutex;

}  // namespace

CurlGlobal::CurlGlobal() {
  std::lock_guard const lock{mutex};
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Error{"libcurl cannot be initialised"};
}

CurlGlobal::~CurlGlobal() {
  std::lock_guard const lock{mutex};
  curl_global_cleanup();
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
