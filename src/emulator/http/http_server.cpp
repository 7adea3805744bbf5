#include "http/http_server.hpp"

#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "common/all_signals_blocked_posix.hpp"
#include "http/browser_guard.hpp"
#include "http/http_loop_posix.hpp"
#include "http/json_reply.hpp"
#include "system/port_holder_posix.hpp"

namespace lakebase::emulator {
namespace {

UniqueFd listen(std::string const& address, std::uint16_t port) {
  try {
    return listening_socket(address, port);
  } catch (std::system_error const& error) {
    std::string advice;
    if (error.code() == std::errc::address_in_use) {
      std::string const holder = port_holder(address, port);
      advice = fmt::format(" by {}; end it, or choose another port (--http ADDRESS:PORT)",
                           holder.empty() ? "another program" : holder);
    }
    throw std::runtime_error(
        fmt::format("cannot listen on {}:{}: {}{}", address, port, error.code().message(), advice));
  }
}

}  // namespace

struct HttpServer::Impl {
  Impl(std::string const& wanted, std::uint16_t wanted_port, HttpLimits const& wanted_limits, bool pages)
      : address(wanted),
        takes_pages(pages),
        limits(wanted_limits),
        listener(listen(wanted, wanted_port)),
        port(port_of(listener.get())) {}

  HttpReply handle(Handler const& handler, HttpRequest const& request) const {
    try {
      refuse_pages(request, address, takes_pages);
    } catch (ServiceError const& error) {
      return with_request_id(error_reply(error));
    }
    return handler(request);
  }

  std::string const address;
  bool const takes_pages;
  HttpLimits const limits;
  UniqueFd listener;
  std::uint16_t const port;
  std::unique_ptr<HttpLoop> loop;
  std::thread thread;
};

HttpServer::HttpServer(std::string const& address, std::uint16_t port, HttpLimits const& limits, bool takes_pages)
    : impl_(std::make_unique<Impl>(address, port, limits, takes_pages)) {}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::string HttpServer::url() const {
  bool const is_v6 = impl_->address.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", is_v6 ? fmt::format("[{}]", impl_->address) : impl_->address, impl_->port);
}

void HttpServer::serve(Handler handler) {
  impl_->loop = std::make_unique<HttpLoop>(std::move(impl_->listener), impl_->limits,
                                           [impl = impl_.get(), handler = std::move(handler)](
                                               HttpRequest const& request) { return impl->handle(handler, request); });
  AllSignalsBlocked const in_the_thread;
  impl_->thread = std::thread([loop = impl_->loop.get()] { loop->run(); });
}

void HttpServer::stop() {
  impl_->listener.reset();
  if (!impl_->thread.joinable()) return;
  impl_->loop->stop();
  impl_->thread.join();
}

}  // namespace lakebase::emulator
