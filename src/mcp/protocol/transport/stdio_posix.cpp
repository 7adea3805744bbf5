#include "mcp/protocol/transport/stdio_posix.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <unistd.h>

#include "base/poll_posix.hpp"
#include "mcp/protocol/transport/calls_in_flight.hpp"
#include "mcp/protocol/transport/workers.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::size_t most_calls_at_once = 64;

class LineOutlet : public Outlet {
 public:
  explicit LineOutlet(int descriptor) : descriptor_(descriptor) {}

  void send(Json const& message) override {
    auto const line = json_line(message) + '\n';
    std::lock_guard const lock{mutex_};
    for (std::size_t at = 0; at < line.size();) {
      auto const written = ::write(descriptor_, line.data() + at, line.size() - at);
      if (written < 0 && errno == EINTR) continue;
      // Nobody reads any more; the end of the input follows.
      if (written <= 0) return;
      at += static_cast<std::size_t>(written);
    }
  }

 private:
  int descriptor_;
  std::mutex mutex_;
};

class Stdio {
 public:
  Stdio(Server& server, int output) : server_(server), outlet_(std::make_shared<LineOutlet>(output)) {}
  ~Stdio() { calls_.cancel_all(); }
  Stdio(Stdio const&) = delete;
  Stdio& operator=(Stdio const&) = delete;

  void take_line(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    auto message = read_json(line);
    if (message.is_discarded()) {
      refuse(nullptr, ProtocolError(Code::parse_error, "The line is not JSON in UTF-8, or is nested too deep."));
    } else if (message.is_array() && session_ && session_->version() == "2025-03-26" && !message.empty()) {
      // The one version with batches; its responses may come one by one.
      for (auto& part : message) take(std::move(part));
    } else {
      take(std::move(message));
    }
  }

  void refuse(Json const& id, ProtocolError const& error) { outlet_->send(error_message(id, error)); }

 private:
  void take(Json message) {
    try {
      switch (kind_of(message)) {
        case MessageKind::response:
          if (session_) session_->take_response(message);
          break;
        case MessageKind::notification:
          take_notification(message);
          break;
        case MessageKind::request:
          take_request(std::move(message));
          break;
      }
    } catch (ProtocolError const& error) {
      refuse(id_of(message), error);
    }
  }

  void take_notification(Json const& message) {
    if (text_of(message, "method") == "notifications/cancelled") {
      calls_.cancel(member(member(message, "params"), "requestId"));
    }
  }

  void take_request(Json message) {
    Request request{.message = std::move(message), .client = {}, .outlet = outlet_};
    auto const method = text_of(request.message, "method");
    if (era_of(request.message, {}) == Era::modern) {
      request.client = read_modern_client(request.message, {});
    } else if (method == "initialize") {
      open(request.message);
      return;
    } else if (session_) {
      request.session = session_;
      request.client = session_->client();
    } else {
      throw ProtocolError(Code::invalid_request,
                          "The first request must be \"initialize\", or say its version in \"_meta\".");
    }
    auto const id = request.message["id"];
    std::stop_source const stop;
    if (!calls_.begin(id, stop)) throw ProtocolError(Code::invalid_request, "A request with this id is at work.");
    request.stop = stop.get_token();
    if (!Server::may_wait(method)) {
      respond(request, id);
      return;
    }
    workers_.enqueue([this, request = std::move(request), id] { respond(request, id); });
  }

  void open(Json const& message) {
    auto [session, response] = server_.open(message);
    if (session) {
      session->set_unsolicited(outlet_);
      session_ = std::move(session);
    }
    outlet_->send(response);
  }

  void respond(Request const& request, Json const& id) {
    auto const response = server_.respond(request);
    // First, since who has the response may use the id again.
    calls_.end(id);
    if (response) outlet_->send(*response);
  }

  Server& server_;
  std::shared_ptr<LineOutlet> outlet_;
  std::shared_ptr<Session> session_;
  CallsInFlight calls_;
  /// Last, so that no thread outlives what it uses.
  Workers workers_{most_calls_at_once};
};

// Splits what comes into lines. The rest of one that is too long is passed over.
class Lines {
 public:
  explicit Lines(Stdio& stdio) : stdio_(stdio) {}

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      auto const end = bytes.find('\n');
      add(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      finish();
      bytes.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (too_long_) {
      stdio_.refuse(nullptr, ProtocolError(Code::invalid_request,
                                           fmt::format("A message has at most {} bytes.", longest_message)));
    } else {
      stdio_.take_line(line_);
    }
    line_.clear();
    too_long_ = false;
  }

 private:
  void add(std::string_view part) {
    if (line_.size() + part.size() > longest_message) too_long_ = true;
    if (too_long_) {
      line_.clear();
    } else {
      line_.append(part);
    }
  }

  Stdio& stdio_;
  std::string line_;
  bool too_long_ = false;
};

}  // namespace

void serve_stdio(Server& server, int input, int output, std::stop_token const& stop) {
  Stdio stdio{server, output};
  Lines lines{stdio};
  std::array<char, 64 * 1024> buffer{};
  detail::Poller poller;
  std::array<pollfd, 2> files{{{-1, 0, 0}, {input, POLLIN, 0}}};
  for (;;) {
    if (poller.wait(files, std::nullopt, stop) == detail::PollOutcome::stopped) return;
    auto const count = ::read(input, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    lines.take({buffer.data(), static_cast<std::size_t>(count)});
  }
  // A last line without its end.
  lines.finish();
}

}  // namespace lakebase::mcp
