#pragma once

#include <memory>

#include <curl/curl.h>

namespace lakebase {
inline namespace v0 {
namespace detail {

// CURL and CURLM are both `void`: only the deleter tells them apart.
struct DeleteEasy {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct DeleteMulti {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
struct DeleteList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct DeleteUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

using CurlEasy = std::unique_ptr<CURL, DeleteEasy>;
using CurlMulti = std::unique_ptr<CURLM, DeleteMulti>;
using CurlList = std::unique_ptr<curl_slist, DeleteList>;
using CurlUrl = std::unique_ptr<CURLU, DeleteUrl>;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
