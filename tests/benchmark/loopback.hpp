#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

// Both ends that the library is measured against: the least server there can be, and libcurl by itself.

namespace lakebase::benchmarks {

/// Responds to each path with one body, the same for every request; as little of a server as there can be, so that the
/// client is what is measured.
class Server {
 public:
  using Delays = std::map<std::string, std::chrono::milliseconds>;

  /// @param delays how long those paths take that are not responded to at once
  explicit Server(std::map<std::string, std::string> const& bodies, Delays const& delays = {})
      : responses_(responses_of(bodies, delays)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this] { accept_all(); }};
  }
  ~Server() { ::shutdown(listener_, SHUT_RDWR); }
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  std::string host() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  struct Response {
    std::string text;
    std::chrono::milliseconds delay{0};
  };
  // Connections outlive the server.
  using Responses = std::shared_ptr<std::map<std::string, Response, std::less<>> const>;

  static Responses responses_of(std::map<std::string, std::string> const& bodies, Delays const& delays) {
    auto const responses = std::make_shared<std::map<std::string, Response, std::less<>>>();
    for (auto const& [path, body] : bodies) {
      auto& response = (*responses)[path];
      response.text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: 1\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body;
      if (auto const delay = delays.find(path); delay != delays.end()) response.delay = delay->second;
    }
    return responses;
  }

  void accept_all() const {
    for (;;) {
      int const client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) break;
      std::thread{[client, responses = responses_] { serve(client, *responses); }}.detach();
    }
    ::close(listener_);
  }

  static void serve(int client, Responses::element_type const& responses) {
    int const on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::string pending;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(client, buffer, sizeof buffer, 0)) > 0;) {
      pending.append(buffer, static_cast<std::size_t>(n));
      for (std::size_t end; (end = pending.find("\r\n\r\n")) != std::string::npos; pending.erase(0, end + 4)) {
        if (!send_all(client, response_to(pending, responses))) break;
      }
    }
    ::close(client);
  }

  // `GET /path?query HTTP/1.1`
  static std::string_view response_to(std::string_view request, Responses::element_type const& responses) {
    request.remove_prefix(request.find(' ') + 1);
    auto const found = responses.find(request.substr(0, request.find_first_of("? ")));
    if (found == responses.end()) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    if (found->second.delay.count() > 0) std::this_thread::sleep_for(found->second.delay);
    return found->second.text;
  }

  static bool send_all(int client, std::string_view data) {
    while (!data.empty()) {
      auto const sent = ::send(client, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  Responses responses_;
  int listener_;
  int port_ = 0;
  std::jthread thread_;
};

/// The header fields of a raw request: a bare GET, or those that the library sends, each byte of which costs libcurl
/// some time.
enum class Fields { none, same };

/// libcurl by itself, over one connection.
class RawHandle {
 public:
  RawHandle(std::string const& url, Fields fields) {
    if (fields == Fields::same) {
      for (auto const* line : {"Accept: application/json", "Authorization: Bearer t",
                               "User-Agent: unknown/0.0.0 databricks-sdk-cpp/0.1.0 cpp/20 os/linux auth/pat"}) {
        list_.reset(curl_slist_append(list_.release(), line));
      }
      curl_easy_setopt(curl_.get(), CURLOPT_HTTPHEADER, list_.get());
      curl_easy_setopt(curl_.get(), CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    curl_easy_setopt(curl_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEFUNCTION, &collect);
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEDATA, &body_);
    curl_easy_setopt(curl_.get(), CURLOPT_NOSIGNAL, 1L);
  }

  std::string const& fetch() {
    body_.clear();
    if (curl_easy_perform(curl_.get()) != CURLE_OK) throw std::runtime_error("raw libcurl");
    return body_;
  }

 private:
  static std::size_t collect(char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
  }

  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> list_{nullptr, &curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl_{curl_easy_init(), &curl_easy_cleanup};
  std::string body_;
};

}  // namespace lakebase::benchmarks
