// One get_project on loopback against raw libcurl fetching the same bytes from the same server, in one run.

#include <atomic>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <curl/curl.h>

#include <lakebase/lakebase.hpp>

namespace {

std::string const project = R"({"name":"projects/my-app","uid":"6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5dbb12",
"create_time":"2026-08-19T12:00:00Z","update_time":"2026-08-19T12:00:01Z","project_id":"my-app","status":{
"branch_logical_size_limit_bytes":8796093022208,"default_branch":"projects/my-app/branches/production",
"default_endpoint_settings":{"autoscaling_limit_max_cu":1.0,"autoscaling_limit_min_cu":1.0,
"suspend_timeout_duration":"86400s"},"display_name":"My Application","enable_pg_native_login":false,
"history_retention_duration":"604800s","owner":"ada@example.com","pg_version":17,"project_id":"my-app",
"synthetic_storage_size_bytes":0}})";

// Answers every request of a connection with the same bytes; as little of a server as there can be, so that the client
// is what is measured.
class Server {
 public:
  Server() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this] { accept_all(); }};
  }
  ~Server() { ::shutdown(listener_, SHUT_RDWR); }

  std::string host() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void accept_all() const {
    for (;;) {
      int const client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) break;
      std::thread{[client] { serve(client); }}.detach();
    }
    ::close(listener_);
  }

  static void serve(int client) {
    int const on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::string const answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: 1\r\nContent-Length: " +
        std::to_string(project.size()) + "\r\n\r\n" + project;
    std::string pending;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(client, buffer, sizeof buffer, 0)) > 0;) {
      pending.append(buffer, static_cast<std::size_t>(n));
      for (std::size_t end; (end = pending.find("\r\n\r\n")) != std::string::npos; pending.erase(0, end + 4)) {
        if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
      }
    }
    ::close(client);
  }

  int listener_;
  int port_ = 0;
  std::jthread thread_;
};

Server& server() {
  static Server instance;
  return instance;
}

std::size_t collect(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

void RawLibcurl(benchmark::State& state) {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl{curl_easy_init(), &curl_easy_cleanup};
  std::string const url = server().host() + "/api/2.0/postgres/projects/my-app";
  std::string body;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &collect);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  for (auto _ : state) {
    body.clear();
    if (curl_easy_perform(curl.get()) != CURLE_OK) throw std::runtime_error("raw libcurl");
    benchmark::DoNotOptimize(body);
  }
}

void GetProject(benchmark::State& state) {
  lakebase::PostgresClient const client{{.host = server().host(), .token = "t"}};
  for (int i = 0; i < 100; ++i) benchmark::DoNotOptimize(client.get_project("projects/my-app"));
  auto const before = ::mallinfo2().uordblks;
  for (auto _ : state) benchmark::DoNotOptimize(client.get_project("projects/my-app"));
  auto const after = ::mallinfo2().uordblks;
  // What is held for longer than the call; has to stay at zero, whatever the number of calls.
  state.counters["bytes_kept_per_call"] =
      static_cast<double>(static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before)) /
      static_cast<double>(state.iterations());
}

BENCHMARK(RawLibcurl)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(GetProject)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
