// The checks with libpqxx: see ../README.md. Written for version 6, which is in Debian 12; later ones take it too.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <list>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <pqxx/pqxx>

namespace {

constexpr int rows = 10'000;
constexpr int sessions = 50;

std::string variable(char const* name) {
  auto const* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// A keyword and its value as in a connection string, to add to others.
std::string setting(std::string const& name, std::string const& value) {
  return name + "='" + std::regex_replace(value, std::regex{R"(['\\])"}, R"(\$&)") + "' ";
}

/// Asks something of the server: token, suspend, crash, or asleep.
std::string control(std::string const& what) {
  auto const command = "curl --silent --show-error --fail-with-body " + variable("INTEROP_CONTROL") + "/" + what;
  auto* output = popen(command.c_str(), "r");
  if (output == nullptr) throw std::runtime_error("curl does not start");
  std::string text;
  std::array<char, 4096> buffer{};
  while (auto const length = std::fread(buffer.data(), 1, buffer.size(), output)) text.append(buffer.data(), length);
  if (pclose(output) != 0) throw std::runtime_error(what + ": " + text);
  return text;
}

void require(bool holds, std::string const& why) {
  if (!holds) throw std::runtime_error(why);
}

/// The text of the error of a connect, which takes what it is not given from the PG variables.
std::string refusal(std::string const& settings) {
  try {
    pqxx::connection const connection{settings};
  } catch (pqxx::broken_connection const& error) {
    return error.what();
  }
  throw std::runtime_error("it connected");
}

std::string connects(std::string const& settings) {
  pqxx::connection connection{settings};
  pqxx::work{connection}.exec1("SELECT 1");
  return "";
}

std::string fails_on(std::string const& words, std::string const& settings) {
  auto const text = refusal(settings);
  require(text.find(words) != std::string::npos, text);
  return "";
}

std::string refused(std::string const& password) {
  fails_on(variable("INTEROP_REFUSAL"), setting("password", password));
  return "no SQLSTATE";
}

std::string plaintext() {
  refusal("sslmode=disable");
  return "no SQLSTATE";
}

std::string wake() {
  pqxx::connection connection{""};
  pqxx::work{connection}.exec1("SELECT 1");
  control("suspend");
  return connects("");
}

std::string crash() {
  pqxx::connection connection{""};
  {
    pqxx::work work{connection};
    work.exec0("CREATE TABLE crashes (n int)");
    work.commit();
  }
  try {
    pqxx::work work{connection};
    work.exec0("INSERT INTO crashes VALUES (1)");
    control("crash");
    work.exec1("SELECT 1");
    throw std::runtime_error("the connection is not lost");
  } catch (pqxx::broken_connection const&) {
  }
  pqxx::connection again{""};
  require(pqxx::work{again}.exec1("SELECT count(*) FROM crashes")[0].as<int>() == 0, "a row is there");
  return "";
}

std::string cancel() {
  pqxx::connection connection{""};
  std::thread canceller{[&] {
    control("asleep");
    connection.cancel_query();
  }};
  std::string seen;
  try {
    pqxx::nontransaction{connection}.exec("SELECT pg_sleep(60)");
  } catch (pqxx::sql_error const& error) {
    seen = error.sqlstate();
  }
  canceller.join();
  require(!seen.empty(), "it is not cancelled");
  pqxx::nontransaction{connection}.exec1("SELECT 1");
  return seen + " and goes on";
}

std::string at_once() {
  std::list<pqxx::connection> connections;
  for (int n = 0; n < sessions; ++n) connections.emplace_back("");
  int sum = 0;
  int number = 0;
  for (auto& connection : connections) {
    sum += pqxx::work{connection}.exec_params1("SELECT $1::int", number++)[0].as<int>();
  }
  return "sum " + std::to_string(sum);
}

std::string copy_in() {
  pqxx::connection connection{""};
  pqxx::work work{connection};
  work.exec0("CREATE TABLE copied (n int, word text)");
  pqxx::stream_to stream{work, "copied"};
  for (int n = 0; n < rows; ++n) stream << std::make_tuple(n, "word " + std::to_string(n));
  stream.complete();
  auto const count = work.exec1("SELECT count(*) FROM copied")[0].as<std::string>();
  work.commit();
  return count + " rows";
}

std::string copy_out() {
  pqxx::connection connection{""};
  pqxx::work work{connection};
  pqxx::stream_from stream{work, "copied"};
  int count = 0;
  for (std::tuple<int, std::string> row; stream >> row;) ++count;
  return std::to_string(count) + " rows";
}

std::string prepared() {
  pqxx::connection connection{""};
  pqxx::connection other{""};
  pqxx::nontransaction{other}.exec0("CREATE TABLE migrated AS SELECT 1 AS a");
  connection.prepare("all", "SELECT * FROM migrated");
  std::string seen;
  for (int times = 0; times < 4; ++times) {
    if (times == 2) pqxx::nontransaction{other}.exec0("ALTER TABLE migrated ADD COLUMN b int");
    if (times > 0) seen += ", ";
    try {
      seen += std::to_string(pqxx::nontransaction{connection}.exec_prepared("all").columns());
    } catch (pqxx::sql_error const& error) {
      seen += error.sqlstate();
    }
  }
  return seen;
}

using Check = std::pair<char const*, std::function<std::string()>>;

std::vector<Check> checks() {
  auto const elsewhere =
      setting("host", variable("INTEROP_OTHER_HOST")) + setting("port", variable("INTEROP_OTHER_PORT"));
  auto const other_ca = setting("sslrootcert", variable("INTEROP_OTHER_CA"));
  return {
      {"verify-full", [] { return connects(""); }},
      {"another CA", [=] { return fails_on("certificate verify failed", other_ca); }},
      {"another host name", [=] { return fails_on("does not match host name", elsewhere); }},
      {"plaintext", plaintext},
      {"wrong token", [] { return refused(variable("PGPASSWORD") + "x"); }},
      {"expired token", [] { return refused(variable("INTEROP_EXPIRED_TOKEN")); }},
      {"fresh token", [] { return connects(setting("password", control("token"))); }},
      {"wake", wake},
      {"crash in a transaction", crash},
      {"cancel", cancel},
      {"50 at once", at_once},
      {"COPY in", copy_in},
      {"COPY out", copy_out},
      {"prepared over a migration", prepared},
  };
}

}  // namespace

int main() {
  int status = 0;
  for (auto const& [name, run] : checks()) {
    std::string line;
    try {
      auto const seen = run();
      line = std::string{"ok "} + name + (seen.empty() ? "" : ": " + seen);
    } catch (std::exception const& error) {
      line = std::string{"FAIL "} + name + ": " + error.what();
      status = 1;
    }
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::cout << line << std::endl;
  }
  return status;
}
