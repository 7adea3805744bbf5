#include "fake_computes.hpp"

#include <algorithm>

namespace lakebase::emulator::tests {

void FakeComputes::note(std::string const& line) {
  std::unique_lock lock{mutex_};
  if (held_ && line.find(*held_) != std::string::npos) {
    ++holding_;
    holds_.notify_all();
    released_.wait(lock, [&] { return !held_; });
    --holding_;
  }
  if (failure_ && line.find(failure_->part) != std::string::npos) {
    auto const failure = *failure_;
    failure_.reset();
    throw DataPlaneError(failure.message, failure.sqlstate);
  }
  calls_.push_back(line);
}

CopiedMoment FakeComputes::copied(std::string call, std::optional<Moment> const& moment) {
  auto const* const time = moment ? std::get_if<TimePoint>(&*moment) : nullptr;
  auto const* const lsn = moment ? std::get_if<Lsn>(&*moment) : nullptr;
  if (time != nullptr) call += " at " + to_text(*time);
  if (lsn != nullptr) call += " at " + lsn->text;
  note(call);
  if (lsn == nullptr) return {"0/1A2B3C", {}};
  return {lsn->text, TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}} + std::chrono::hours{11}};
}

void FakeComputes::create_branch(std::string const& branch, int version, std::vector<std::string> const& statements) {
  note("create_branch " + branch);
  {
    std::lock_guard const lock{mutex_};
    branches_[branch] = version;
  }
  if (!statements.empty()) execute(branch, "postgres", statements);
}

int FakeComputes::branch_version(std::string const& branch) const {
  std::lock_guard const lock{mutex_};
  auto const found = branches_.find(branch);
  return found == branches_.end() ? 15 : found->second;
}

std::vector<std::vector<std::string>> FakeComputes::execute(std::string const&, std::string const& database,
                                                            std::vector<std::string> const& statements) {
  for (auto const& statement : statements) {
    note("sql " + database + ": " + statement);
    note_role(statement);
  }
  {
    std::lock_guard const lock{mutex_};
    for (auto const& [part, rows] : answers_) {
      if (statements.back().find(part) != std::string::npos) return rows;
    }
  }
  if (statements.back() == "SELECT rolname FROM pg_catalog.pg_roles") {
    std::lock_guard const lock{mutex_};
    std::vector<std::vector<std::string>> rows;
    for (auto const& role : roles_) rows.push_back({role});
    return rows;
  }
  if (statements.back().starts_with("SELECT datname")) return {{"postgres"}, {"databricks_postgres"}};
  return {};
}

std::unique_ptr<DatabaseSession> FakeComputes::open_session(std::string const& branch, std::string const& database,
                                                            SessionOf) {
  class Session final : public DatabaseSession {
   public:
    Session(FakeComputes& computes, std::string branch, std::string database)
        : computes_(computes), branch_(std::move(branch)), database_(std::move(database)) {
      ++computes_.open_sessions_;
    }
    ~Session() override { --computes_.open_sessions_; }
    std::vector<std::vector<std::string>> query(std::string const& sql) override {
      return computes_.execute(branch_, database_, {sql});
    }
    std::vector<std::vector<std::string>> query(std::string const& sql, std::vector<std::string> const&) override {
      return query(sql);
    }
    std::vector<SqlOutcome> query_all(std::vector<SqlText> const& texts) override {
      std::vector<SqlOutcome> outcomes;
      for (auto const& text : texts) outcomes.push_back({query(text.sql), {}});
      return outcomes;
    }
    void post(std::string const& sql) override { query(sql); }
    std::vector<std::string> notifications() override { return {}; }
    void copy_in(std::string const& sql, std::function<void(CopySink const&)> const& produce) override {
      query(sql);
      std::string rows;
      produce([&](std::string_view bytes) { rows += bytes; });
      computes_.note("copy " + database_ + ": " + rows);
    }
    void copy_out(std::string const& sql, CopySink const&) override { query(sql); }

   private:
    FakeComputes& computes_;
    std::string const branch_;
    std::string const database_;
  };
  return std::make_unique<Session>(*this, branch, database);
}

void FakeComputes::note_role(std::string const& statement) {
  std::string const create = "CREATE ROLE \"";
  auto const begin = statement.find(create);
  if (begin == std::string::npos) return;
  std::lock_guard const lock{mutex_};
  auto const name = begin + create.size();
  roles_.insert(statement.substr(name, statement.find('"', name) - name));
}

void FakeComputes::answer(std::string part, std::vector<std::vector<std::string>> rows) {
  std::lock_guard const lock{mutex_};
  answers_[std::move(part)] = std::move(rows);
}

void FakeComputes::drop_role(std::string const& role) {
  std::lock_guard const lock{mutex_};
  roles_.erase(role);
}

bool FakeComputes::has_password(std::string const& branch, std::string const& role, std::string const&) {
  note("has_password " + branch + " " + role);
  std::lock_guard const lock{mutex_};
  return roles_.contains(role) && !changed_passwords_.contains(role);
}

void FakeComputes::change_password(std::string const& role) {
  std::lock_guard const lock{mutex_};
  changed_passwords_.insert(role);
}

std::string FakeComputes::add_endpoint(std::string const& endpoint, std::string const& branch,
                                       ComputeSettings const& settings,
                                       std::optional<std::string> const& wanted_address) {
  note("add_endpoint " + endpoint + " " + branch);
  std::lock_guard const lock{mutex_};
  bool const wants = wanted_address && !wanted_address->empty();
  auto const address = wants ? *wanted_address : "127.9.0." + std::to_string(++last_address_);
  endpoints_[endpoint] = {settings, ComputeState::idle, address};
  return address;
}

void FakeComputes::update_endpoint(std::string const& endpoint, ComputeSettings const& settings) {
  note("update_endpoint " + endpoint);
  std::lock_guard const lock{mutex_};
  endpoints_.at(endpoint).settings = settings;
  if (settings.disabled) endpoints_.at(endpoint).state = ComputeState::idle;
}

void FakeComputes::remove_endpoint(std::string const& endpoint) {
  note("remove_endpoint " + endpoint);
  std::lock_guard const lock{mutex_};
  endpoints_.erase(endpoint);
}

void FakeComputes::set_state(std::string const& endpoint, ComputeState state, std::string const& call) {
  note(call + " " + endpoint);
  std::lock_guard const lock{mutex_};
  endpoints_.at(endpoint).state = state;
}

ComputeStatus FakeComputes::status(std::string const& endpoint) const {
  std::lock_guard const lock{mutex_};
  auto const found = endpoints_.find(endpoint);
  if (found == endpoints_.end()) throw DataPlaneError("no such endpoint");
  ComputeStatus status;
  status.state = found->second.state;
  return status;
}

std::vector<ComputeMember> FakeComputes::members(std::string const& endpoint) const {
  auto const state = status(endpoint);
  std::vector<ComputeMember> all = {{0, false, state}};
  for (int number = 1; number <= settings(endpoint).standbys; ++number) all.push_back({number, true, state, 0});
  return all;
}

std::string FakeComputes::open_read_only_front(std::string const& endpoint,
                                               std::optional<std::string> const& wanted_address) {
  note("open_read_only_front " + endpoint);
  std::lock_guard const lock{mutex_};
  return wanted_address.value_or("127.8.0." + std::to_string(++last_address_));
}

std::vector<std::string> FakeComputes::calls() const {
  std::lock_guard const lock{mutex_};
  return calls_;
}

bool FakeComputes::has_call_with(std::string const& part) const {
  auto const all = calls();
  return std::any_of(all.begin(), all.end(), [&](auto const& line) { return line.find(part) != std::string::npos; });
}

ComputeSettings FakeComputes::settings(std::string const& endpoint) const {
  std::lock_guard const lock{mutex_};
  return endpoints_.at(endpoint).settings;
}

std::string FakeComputes::address(std::string const& endpoint) const {
  std::lock_guard const lock{mutex_};
  return endpoints_.at(endpoint).address;
}

void FakeComputes::fail_at(std::string part, std::string message, std::string sqlstate) {
  std::lock_guard const lock{mutex_};
  failure_ = Failure{std::move(part), std::move(message), std::move(sqlstate)};
}

void FakeComputes::hold(std::string part) {
  std::lock_guard const lock{mutex_};
  held_ = std::move(part);
}

void FakeComputes::wait_until_held() {
  std::unique_lock lock{mutex_};
  holds_.wait(lock, [&] { return holding_ > 0; });
}

void FakeComputes::release() {
  {
    std::lock_guard const lock{mutex_};
    held_.reset();
  }
  released_.notify_all();
}

}  // namespace lakebase::emulator::tests
