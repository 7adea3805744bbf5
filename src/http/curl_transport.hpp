#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

struct CurlOptions {
  std::string ca_file{};
  std::string ca_dir{};
  std::string client_certificate{};
  std::string client_key{};
  std::string client_key_password{};
  /// The proxies for https and http URLs; empty: none. libcurl itself does not read the environment.
  std::string https_proxy{};
  std::string http_proxy{};
  std::string no_proxy{};
  bool skip_verify = false;
  std::size_t max_connections = 20;
  std::size_t max_connections_per_host = 20;
  std::size_t max_response_bytes = std::size_t{256} << 20U;
};

/// A transport over libcurl with a pool of connections. Follows no redirects.
std::shared_ptr<Transport> make_curl_transport(CurlOptions options);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
