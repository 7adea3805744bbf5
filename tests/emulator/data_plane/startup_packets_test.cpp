// Hostile start-up packets against a real PostgreSQL behind the front, each judged by who it made of its sender. 5,000
// of them; LAKEBASE_STARTUP_PACKETS says how many else, and LAKEBASE_STARTUP_FIRST the number of the first.

#include <strings.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "data_plane_fixture.hpp"
#include "raw_client.hpp"
#include "startup_grammar.hpp"

namespace lakebase::emulator {
namespace {

std::uint64_t number_from(char const* variable, std::uint64_t otherwise) {
  char const* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct CaseLess {
  bool operator()(std::string const& a, std::string const& b) const { return ::strcasecmp(a.c_str(), b.c_str()) < 0; }
};

bool repeats_itself(HostilePacket const& packet) {
  std::set<std::string, CaseLess> seen;
  auto const names = packet.names();
  return std::any_of(names.begin(), names.end(), [&](std::string const& name) { return !seen.insert(name).second; });
}

/// What became of a packet.
struct Outcome {
  bool asked_for_password = false;
  bool in_session = false;
  std::string who;    ///< What the session said about itself.
  std::string error;  ///< The SQLSTATE of the first error.
  bool superuser = false;
};

/// The first row of an answer, with a bar between its columns.
std::string row_text(std::string_view payload) {
  std::string text;
  for (payload.remove_prefix(2); payload.size() >= 4;) {
    std::uint32_t const size = wire::read_uint32(payload.data());
    payload.remove_prefix(4);
    if (!text.empty()) text += '|';
    if (size == 0xFFFFFFFFU) continue;
    text += payload.substr(0, size);
    payload.remove_prefix(size);
  }
  return text;
}

constexpr std::string_view who_am_i =
    "SELECT session_user, pg_catalog.current_database(), pg_catalog.pg_has_role(session_user, current_user, 'MEMBER'), "
    "(SELECT pg_catalog.bool_or(rolsuper) FROM pg_catalog.pg_roles WHERE rolname IN (session_user, current_user))";

class StartupPacketsTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    plane().execute("main", "postgres",
                    {"CREATE ROLE bob LOGIN", "CREATE ROLE " + prefix_of_long_name + " SUPERUSER LOGIN"});
    authority_ = [this](Login const& login) { return judge(login); };
    std::string const query = wire::message('Q', std::string{who_am_i} + '\0');
    question_ = query + wire::message('X', "");
  }

  /// Trusts each token for three identities, and remembers as whom it was used.
  LoginDecision judge(Login const& login) {
    if (login.user != "alice" && login.user != "bob" && login.user != long_name) return {};
    std::lock_guard lock{mutex_};
    logins_[login.password] = login.user + '|' + login.database;
    return {LoginDecision::Verdict::trusted, {}, {}};
  }

  std::string judged(std::string const& token) {
    std::lock_guard lock{mutex_};
    auto const found = logins_.extract(token);
    return found.empty() ? "" : found.mapped();
  }

  Outcome talk(HostilePacket const& packet, std::string const& token) const {
    RawClient client{host_};
    if (!client.request_tls()) throw std::runtime_error("no TLS");
    client.send(packet.bytes);
    Outcome outcome;
    if (!packet.complete()) return outcome;
    while (auto message = client.message()) {
      if (message->type == 'R' && message->payload == std::string_view{"\0\0\0\3", 4}) {
        outcome.asked_for_password = true;
        client.send(password_message(token) + question_);
      }
      if (message->type == 'Z') outcome.in_session = true;
      if (message->type == 'D') outcome.who = row_text(message->payload);
      if (message->type == 'E' && outcome.error.empty()) outcome.error = wire::parse_error(message->payload).code;
      if (message->type == 'S' && message->payload == std::string{"is_superuser\0on\0", 16}) outcome.superuser = true;
    }
    return outcome;
  }

  void check(std::uint64_t number) {
    auto const packet = HostilePacket::make(number);
    std::string const token = "token-" + std::to_string(number);
    Outcome const outcome = talk(packet, token);
    std::string const login = judged(token);
    auto complain = [&](std::string const& what) {
      ADD_FAILURE() << what << "; packet " << number << ": " << packet.shown() << "\nlogin " << login << ", session "
                    << outcome.who << ", error " << outcome.error;
    };
    if (outcome.asked_for_password && repeats_itself(packet)) complain("a parameter stood twice, and it went on");
    if (outcome.asked_for_password && packet.cancel) complain("a cancel request was taken for a login");
    if (outcome.superuser) complain("became a superuser");
    if (outcome.in_session && outcome.who != login + "|t|f") complain("became somebody else");
    ++(outcome.in_session ? sessions_ : outcome.asked_for_password ? refusals_ : early_ends_);
    std::lock_guard lock{mutex_};
    ++codes_[outcome.error];
  }

  std::string question_;
  std::mutex mutex_;
  std::map<std::string, std::string> logins_;
  std::map<std::string, std::uint64_t> codes_;
  std::atomic<std::uint64_t> sessions_{0};
  std::atomic<std::uint64_t> refusals_{0};
  std::atomic<std::uint64_t> early_ends_{0};
};

TEST_F(StartupPacketsTest, NeverMakeAnybodySomebodyElse) {
  std::uint64_t const count = number_from("LAKEBASE_STARTUP_PACKETS", LAKEBASE_TEST_STARTUP_PACKETS);
  std::uint64_t const first = number_from("LAKEBASE_STARTUP_FIRST", 1);
  std::atomic<std::uint64_t> next{first};
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (std::uint64_t number; (number = next++) < first + count && !HasFailure();) {
        try {
          check(number);
        } catch (std::exception const& error) {
          ADD_FAILURE() << "packet " << number << ": " << error.what();
        }
      }
    });
  }
  for (auto& worker : workers) worker.join();
  std::cout << count << " packets: " << sessions_ << " sessions, " << refusals_ << " refused after the password, "
            << early_ends_ << " before it\n";
  for (auto const& [code, times] : codes_)
    std::cout << "  " << (code.empty() ? "no error" : code) << ": " << times << '\n';
  if (count < 1'000) return;
  EXPECT_GT(sessions_, count / 10) << "most must get far enough to show something";
  EXPECT_GT(refusals_, count / 10);
  EXPECT_GT(early_ends_, count / 10);
}

}  // namespace
}  // namespace lakebase::emulator
