#include "data_plane/database_session.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "common/sql_quoting.hpp"
#include "data_plane/server/sql_session.hpp"

namespace lakebase::emulator {
namespace {

// An index of millions of rows takes long.
constexpr std::chrono::minutes owner_session_patience{30};

// What every role may set, so that neither the database nor the role changes what statements mean.
SessionSettings owner_session_settings() {
  return {{"role", "none"},
          {"search_path", "public"},
          {"client_encoding", "UTF8"},
          {"statement_timeout", "0"},
          {"lock_timeout", "10s"},
          {"idle_in_transaction_session_timeout", "0"},
          {"idle_session_timeout", "0"},
          {"default_transaction_read_only", "off"},
          {"default_transaction_deferrable", "off"},
          {"default_transaction_isolation", "read committed"},
          {"standard_conforming_strings", "on"},
          {"datestyle", "ISO, MDY"},
          {"intervalstyle", "postgres"},
          {"timezone", "UTC"},
          {"bytea_output", "hex"},
          {"extra_float_digits", "1"},
          {"client_min_messages", "warning"}};
}

SqlSession session_as_owner(Compute& compute, std::string const& database) {
  auto const owner = compute.session().query(
      fmt::format("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = {}", quote_literal(database)));
  if (owner.empty())
    throw DataPlaneError(fmt::format("database {} does not exist", quote_identifier(database)), "3D000");
  return {compute.socket(), owner.front().front(), database, owner_session_settings(), owner_session_patience};
}

class OpenedSession final : public DatabaseSession {
 public:
  OpenedSession(std::shared_ptr<Compute> compute, std::string const& database, SessionOf whose)
      : compute_(std::move(compute)),
        session_(whose == SessionOf::owner ? session_as_owner(*compute_, database) : compute_->session(database)) {}

  Rows query(std::string const& sql) override { return session_.query(sql); }
  Rows query(std::string const& sql, std::vector<std::string> const& parameters) override {
    return session_.query(sql, parameters);
  }
  std::vector<SqlOutcome> query_all(std::vector<SqlText> const& texts) override { return session_.query_all(texts); }
  void post(std::string const& sql) override { session_.post(sql); }
  std::vector<std::string> notifications() override { return session_.notifications(); }
  void copy_in(std::string const& sql, std::function<void(CopySink const&)> const& produce) override {
    session_.copy_in(sql, produce);
  }
  void copy_out(std::string const& sql, CopySink const& take) override { session_.copy_out(sql, take); }

 private:
  std::shared_ptr<Compute> compute_;
  Compute::Use use_{*compute_};
  SqlSession session_;
};

/// One of the Data API, which lets its server sleep.
class AuthenticatorSession final : public DatabaseSession {
 public:
  AuthenticatorSession(std::shared_ptr<Compute> compute, std::string const& database)
      : compute_(std::move(compute)), session_(log_in(*compute_, database)) {}

  Rows query(std::string const& sql) override {
    Compute::Use const use{*compute_};
    return session_.query(sql);
  }
  Rows query(std::string const& sql, std::vector<std::string> const& parameters) override {
    Compute::Use const use{*compute_};
    return session_.query(sql, parameters);
  }
  std::vector<SqlOutcome> query_all(std::vector<SqlText> const& texts) override {
    Compute::Use const use{*compute_};
    return session_.query_all(texts);
  }
  void post(std::string const& sql) override { session_.post(sql); }
  std::vector<std::string> notifications() override { return session_.notifications(); }
  void copy_in(std::string const& sql, std::function<void(CopySink const&)> const& produce) override {
    session_.copy_in(sql, produce);
  }
  void copy_out(std::string const& sql, CopySink const& take) override { session_.copy_out(sql, take); }

 private:
  static SqlSession log_in(Compute& compute, std::string const& database) {
    Compute::Use const use{compute};
    compute.ensure_running();
    auto settings = owner_session_settings();
    for (auto& [name, value] : settings) {
      if (name == "search_path") value = "pg_catalog";
    }
    return {compute.socket(), "authenticator", database, settings, owner_session_patience};
  }

  std::shared_ptr<Compute> compute_;
  SqlSession session_;
};

}  // namespace

std::unique_ptr<DatabaseSession> open_session(std::shared_ptr<Compute> compute, std::string const& database,
                                              SessionOf whose) {
  if (whose == SessionOf::authenticator) return std::make_unique<AuthenticatorSession>(std::move(compute), database);
  return std::make_unique<OpenedSession>(std::move(compute), database, whose);
}

}  // namespace lakebase::emulator
