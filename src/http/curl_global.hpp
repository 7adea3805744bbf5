#pragma once

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Keeps libcurl initialised as long as it lives. libcurl counts: each object makes one initialisation and one cleanup,
/// so that nothing is left behind when the library is unloaded, and another user of libcurl in the program is not
/// disturbed.
class CurlGlobal {
 public:
  CurlGlobal();
  ~CurlGlobal();
  CurlGlobal(CurlGlobal const&) = delete;
  CurlGlobal& operator=(CurlGlobal const&) = delete;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
