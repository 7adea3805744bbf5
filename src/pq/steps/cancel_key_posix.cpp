#include "pq/steps/cancel_key_posix.hpp"

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "pq/steps/libpq_newer.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

// The first libpq with a readable trace, one message a line.
constexpr int readable_traces = 140000;

// `BackendKeyData\t 4711 -815`, from the last server if several were dialled.
std::optional<CancelKey> key_in(std::string_view trace) {
  constexpr std::string_view name = "\tBackendKeyData\t ";
  auto const at = trace.rfind(name);
  if (at == std::string_view::npos) return std::nullopt;
  char const* const end = trace.data() + trace.size();
  CancelKey key;
  auto const [after_pid, bad_pid] = std::from_chars(trace.data() + at + name.size(), end, key.pid);
  if (bad_pid != std::errc{} || after_pid == end || *after_pid != ' ') return std::nullopt;
  auto const [after_secret, bad_secret] = std::from_chars(after_pid + 1, end, key.secret);
  if (bad_secret != std::errc{} || after_secret == end || *after_secret != '\n') return std::nullopt;
  return key;
}

// `F\t40\tUnknown message: 70`: a password or another proof, with the length of the message. For a password, that is
// its own length, a null and the four bytes of the length. Another proof of the same length is not noticed.
bool has_another_proof(std::string_view trace, std::size_t secret_size) {
  constexpr std::string_view name = "\tUnknown message: 70\n";
  auto const password = "F\t" + std::to_string(4 + secret_size + 1);
  for (auto at = trace.find(name); at != std::string_view::npos; at = trace.find(name, at + 1)) {
    if (!trace.substr(0, at).ends_with(password)) return true;
  }
  return false;
}

}  // namespace

CancelKeyTap::CancelKeyTap(PGconn* connection) : connection_(connection) {
  if (libpq_sends_cancels() || PQlibVersion() < readable_traces) return;
  trace_ = ::open_memstream(&text_, &size_);
  if (trace_ == nullptr) return;
  PQtrace(connection_, trace_);
  PQsetTraceFlags(connection_, PQTRACE_SUPPRESS_TIMESTAMPS);
}

CancelKeyTap::~CancelKeyTap() {
  stop();
  std::free(text_);
}

void CancelKeyTap::stop() {
  if (trace_ == nullptr) return;
  PQuntrace(connection_);
  std::fclose(std::exchange(trace_, nullptr));
}

bool CancelKeyTap::heard_another_proof(std::string_view secret) {
  if (trace_ == nullptr || std::fflush(trace_) != 0) return false;
  return has_another_proof({text_, size_}, secret.size());
}

std::optional<CancelKey> CancelKeyTap::take() {
  stop();
  if (text_ == nullptr) return std::nullopt;
  auto const key = key_in({text_, size_});
  // The key of another session, behind a pooler or of a server that was dialled before, would cancel somebody else's
  // statement.
  if (!key || key->pid != PQbackendPID(connection_)) return std::nullopt;
  return key;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
