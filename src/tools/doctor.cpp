#include "tools/doctor.hpp"

#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/error.hpp>
#include <lakebase/version.hpp>

#include "tools/errors.hpp"
#include "tools/find.hpp"
#include "tools/login_settings.hpp"
#include "tools/reach_posix.hpp"

namespace lakebase::tools {
namespace {

/// Something that no call reports as an error.
class Finding : public Error {
 public:
  Finding(std::string message, std::string remedy)
      : Error(ErrorFacts{.message = std::move(message), .hint = std::move(remedy)}) {}
};

/// How far the two limits of an autoscaling compute may be apart, in CU.
constexpr double widest_range = 16;

/// The first cross has been made.
struct Ended {};

bool contains(std::string const& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string remedy_for_transport(TransportError const& error) {
  using Kind = TransportError::Kind;
  switch (error.kind()) {
    case Kind::resolve:
      return "The workspace's host name is not known: check DATABRICKS_HOST, the VPN and the DNS server.";
    case Kind::connect:
      return "Nothing accepts connections at the workspace's host: check DATABRICKS_HOST, and HTTPS_PROXY where a "
             "proxy "
             "is needed.";
    case Kind::certificate:
    case Kind::tls:
      return "The workspace's certificate is not accepted: name the file of your company's authorities in "
             "SSL_CERT_FILE, and check the clock of this machine.";
    default:
      return "The workspace does not respond as it should: check DATABRICKS_HOST and the network, and try again.";
  }
}

std::string remedy_for_login(Error const& error) {
  auto const message = error.message();
  auto const* const refused = dynamic_cast<pq::PgError const*>(&error);
  auto const sqlstate = refused == nullptr ? std::string{} : refused->sqlstate();
  if (contains(message, "does not match host name")) {
    return "Connect by the endpoint's own host name, not by an address, an alias or a tunnel's name: the certificate "
           "is "
           "issued for it.";
  }
  if (contains(message, "certificate")) {
    return "The authority that issued the server's certificate is not among the trusted ones: name the right file in "
           "PGSSLROOTCERT; behind a proxy that opens TLS, that of your company.";
  }
  if (sqlstate == "3D000") {
    return "Name a database that is there (--database): its name in SQL, not its resource id; lakebase postgres "
           "list-databases shows both.";
  }
  if (sqlstate == "28000" && contains(message, "does not exist")) {
    return "Create a role of exactly this name in the branch: lakebase postgres create-role, or "
           "databricks_create_role in SQL; names are case-sensitive.";
  }
  if (sqlstate == "28P01" || contains(message, "nvalid authorization")) {
    return "The token was refused: it is valid for an hour, for the identity that it was made for, and for this "
           "endpoint. Unset PGUSER unless it is that identity, and check that it has a role in the branch.";
  }
  if (sqlstate == "53300") {
    return "All connections are in use: close some, or use pools with fewer; a larger compute allows more. It ends "
           "idle "
           "ones only after 24 h.";
  }
  if (!error.hint().empty()) return error.hint();
  return "Try again; if it stays, look at the state of the endpoint and whether the network lets TLS through on this "
         "port.";
}

/// Of a synced table whose state says that it has failed, by what the service tells.
std::string remedy_for_synced_table(std::string const& told) {
  if (contains(told, "null byte") || contains(told, "0x00")) {
    return "PostgreSQL's text holds no zero byte: remove them from the strings of the source, such as by a view with "
           "replace(column, '\\u0000', '').";
  }
  if (contains(told, "torage catalog") || contains(told, "storage_catalog")) {
    return "Its pipeline keeps its data in Unity Catalog: create the table anew, with a standard catalog and schema in "
           "which "
           "you may create tables as new_pipeline_spec.storage_catalog and storage_schema.";
  }
  if (contains(told, "hange data feed") || contains(told, "hange Data Feed")) {
    return "ALTER TABLE … SET TBLPROPERTIES (delta.enableChangeDataFeed = true) on the source, or create the table "
           "anew "
           "with SNAPSHOT as its scheduling policy.";
  }
  return "Look at its pipeline in the workspace. A synced table is for SELECT, CREATE INDEX and DROP TABLE: if "
         "something "
         "else was done to it, delete it, drop the table in PostgreSQL, and create it again.";
}

std::string_view login_step(Error const& error) {
  auto const* const refused = dynamic_cast<pq::PgError const*>(&error);
  if (refused == nullptr || refused->sqlstate().empty()) {
    return contains(error.message(), "ertificate") || contains(error.message(), "SSL") ? "tls" : "login";
  }
  if (refused->sqlstate() == "3D000") return "database";
  return refused->sqlstate().starts_with("28") ? "role" : "login";
}

std::string text_of(std::string_view wire) {
  return wire.empty() ? "in no state that the service tells" : std::string{wire};
}

class Examination {
 public:
  Examination(std::function<WorkspaceClient()> const& make_client, DoctorOptions const& options)
      : make_client_(make_client), options_(options), target_(parse_target(options.target)) {}

  std::vector<DoctorStep> run() {
    try {
      configuration();
      step("caller", [&] { return "you are " + client_->current_user.me().user_name.value_or("(no name is told)"); });
      if (target_.product == Target::Product::any) step("target", [&] { return choose_target(); });
      if (target_.product == Target::Product::provisioned) {
        step("instance", [&] { return look_at_instance(); });
      } else {
        step("project", [&] { return look_at_project(); });
        step("branch", [&] { return look_at_branch(); });
        step("endpoint", [&] { return look_at_endpoint(); });
      }
      for (auto const& table : options_.synced_tables) step("table", [&] { return look_at_synced_table(table); });
      if (options_.feeds) step("feeds", [&] { return look_at_feeds(); });
      token();
      network();
      log_in();
      inside();
    } catch (Ended const&) {
    }
    return std::move(steps_);
  }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  void add(DoctorStep step) {
    steps_.push_back(std::move(step));
    if (options_.on_step) options_.on_step(steps_.back());
    if (!steps_.back().is_ok) throw Ended{};
  }

  static std::chrono::nanoseconds since(Moment start) { return std::chrono::steady_clock::now() - start; }

  [[noreturn]] void fail(std::string name, Moment start, Error const& error) {
    if (dynamic_cast<Cancelled const*>(&error) != nullptr && options_.stop.stop_requested()) throw;
    auto remedy = remedy_for(name, error);
    auto detail = dynamic_cast<ApiError const*>(&error) == nullptr ? error.message() : message_of(error);
    add({std::move(name), false, since(start), std::move(detail), std::move(remedy)});
    throw Ended{};
  }

  template <class Look>
  void step(std::string const& name, Look const& look) {
    auto const start = std::chrono::steady_clock::now();
    std::string detail;
    try {
      detail = look();
    } catch (Error const& error) {
      fail(name, start, error);
    }
    add({name, true, since(start), std::move(detail), ""});
  }

  void configuration() {
    step("settings", [&] {
      auto const client = make_client_();
      client_ = client.with({.timeout = options_.limit, .stop = options_.stop});
      std::string text;
      for (auto const& setting : login_settings(client.config(), options_.profile_flag)) {
        text += fmt::format("{}{} {} (from {} {})", text.empty() ? "" : ", ", setting.name, setting.shown(),
                            setting.source_kind, setting.source);
      }
      return text;
    });
  }

  /// The only project, or else the only instance.
  std::string choose_target() {
    auto const projects = projects_of(*client_);
    if (projects.size() == 1) {
      target_ = {.product = Target::Product::autoscaling, .project = projects[0].id};
      return "the only project, " + projects[0].id;
    }
    std::string names;
    for (auto const& each : projects) names += ", projects/" + each.id;
    if (projects.empty()) {
      auto const instances = instances_of(*client_);
      if (instances.size() == 1) {
        target_ = {.product = Target::Product::provisioned, .instance = instances[0].id};
        return "the only instance, " + instances[0].id;
      }
      for (auto const& each : instances) names += ", " + each.id;
    }
    if (names.empty()) {
      throw Finding{
          "there is no project and no instance that you can see",
          "Create one: lakebase postgres create-project NAME; or ask its owner for the permission 'Can Use'."};
    }
    throw Finding{"there are several to look at", "Name one of them: " + names.substr(2)};
  }

  std::string look_at_instance() {
    auto const instance = client_->database.get_database_instance(target_.instance);
    using State = database::DatabaseInstanceState;
    auto const state = instance.state.value_or(Enum<State>{});
    if (state == State::stopped || instance.effective_stopped.value_or(false)) {
      throw Finding{fmt::format("the instance {} is stopped, and no connection starts it", target_.instance),
                    fmt::format("Start it: lakebase database update-database-instance {} stopped --stopped=false",
                                target_.instance)};
    }
    if (!(state == State::available)) {
      throw Finding{fmt::format("the instance {} is {}", target_.instance, text_of(state.wire())),
                    "Wait until it is AVAILABLE: lakebase database get-database-instance " + target_.instance};
    }
    name_ = target_.instance;
    return fmt::format("{}, {}", name_, state.wire());
  }

  std::string look_at_project() {
    find_project(*client_, target_);
    auto const project = client_->postgres.get_project("projects/" + target_.project);
    auto text = fmt::format("projects/{} ({})", target_.project, display_name(project));
    if (project.status && project.status->pg_version)
      text += fmt::format(", PostgreSQL {}", *project.status->pg_version);
    return text;
  }

  [[nodiscard]] std::string branch_name() const {
    return fmt::format("projects/{}/branches/{}", target_.project, target_.branch);
  }

  std::string look_at_branch() {
    auto const project = "projects/" + target_.project;
    if (target_.branch.empty()) {
      auto const branches = client_->postgres.list_branches(project).to_vector();
      for (auto const& branch : branches) {
        bool const is_default = branch.status && branch.status->default_.value_or(false);
        if (is_default || branches.size() == 1) target_.branch = id_of(branch.name.value_or(""));
      }
      if (target_.branch.empty()) throw Finding{"there is no default branch", "Name one: " + project + "/branches/…"};
    }
    auto const name = branch_name();
    auto const branch = client_->postgres.get_branch(name);
    auto const status = branch.status.value_or(postgres::BranchStatus{});
    using State = postgres::BranchStatusState;
    auto const state = status.current_state.value_or(Enum<State>{});
    if (!(state == State::ready || state == State::archived)) {
      throw Finding{fmt::format("the branch {} is {}", target_.branch, text_of(state.wire())),
                    state == State::deleted ? "Bring it back: lakebase postgres undelete-branch " + name
                                            : "Wait until it is READY: lakebase postgres get-branch " + name};
    }
    auto text = fmt::format("{}, {}", target_.branch, state.wire());
    if (status.default_.value_or(false)) text += ", the default, which cannot be deleted";
    if (status.is_protected.value_or(false)) text += ", protected: set spec.is_protected to false before it is deleted";
    if (status.expire_time) text += ", is deleted at " + status.expire_time->to_string();
    return text;
  }

  std::string look_at_endpoint() {
    auto const branch = branch_name();
    using Type = postgres::EndpointType;
    if (target_.endpoint.empty()) {
      for (auto const& each : client_->postgres.list_endpoints(branch)) {
        if (each.status && each.status->endpoint_type == Type::read_write)
          target_.endpoint = id_of(each.name.value_or(""));
      }
      if (target_.endpoint.empty()) {
        throw Finding{"the branch has no read-write endpoint",
                      fmt::format("Create one: lakebase postgres create-endpoint {} primary --json "
                                  "'{{\"spec\": {{\"endpoint_type\": \"ENDPOINT_TYPE_READ_WRITE\"}}}}'",
                                  branch)};
      }
    }
    name_ = branch + "/endpoints/" + target_.endpoint;
    auto const endpoint = client_->postgres.get_endpoint(name_);
    auto const status = endpoint.status.value_or(postgres::EndpointStatus{});
    if (status.disabled.value_or(false)) {
      throw Finding{fmt::format("the endpoint {} is disabled, and no connection wakes it", target_.endpoint),
                    fmt::format("Switch it on: lakebase postgres update-endpoint {} spec.disabled --json "
                                "'{{\"spec\": {{\"disabled\": false}}}}'",
                                name_)};
    }
    auto const state = status.current_state.value_or(Enum<postgres::EndpointStatusState>{});
    bool const sleeps = state == postgres::EndpointStatusState::idle;
    if (!sleeps && !(state == postgres::EndpointStatusState::active)) {
      throw Finding{fmt::format("the endpoint {} is {}", target_.endpoint, text_of(state.wire())),
                    "Wait until it is ACTIVE: lakebase postgres get-endpoint " + name_};
    }
    only_reads_ = status.endpoint_type == Type::read_only;
    if (only_reads_ && !options_.reads_only) {
      throw Finding{fmt::format("the endpoint {} only reads", target_.endpoint),
                    "Name the branch or its read-write endpoint; or add --read-only if reading is all that is needed."};
    }
    auto text =
        fmt::format("{}, {}{}", target_.endpoint, state.wire(), sleeps ? ": the first connection wakes it" : "");
    auto const least = status.autoscaling_limit_min_cu;
    auto const most = status.autoscaling_limit_max_cu;
    if (least && most)
      text += *least == *most ? fmt::format(", {} CU", *most) : fmt::format(", {} to {} CU", *least, *most);
    if (least && most && *most - *least > widest_range) {
      text += fmt::format(", a wider range than the {} that a change of it may have", widest_range);
    }
    return text;
  }

  /// What a synced table is doing, and what is told of it.
  template <class Status>
  static std::pair<std::string, std::string> state_in(std::optional<Status> const& status) {
    if (!status) return {};
    return {std::string{status->detailed_state ? status->detailed_state->wire() : ""}, status->message.value_or("")};
  }

  std::string look_at_synced_table(std::string const& name) {
    auto const [state, told] =
        target_.product == Target::Product::provisioned
            ? state_in(client_->database.get_synced_database_table(name).data_synchronization_status)
            : state_in(client_->postgres.get_synced_table("synced_tables/" + name).status);
    auto const text = fmt::format("{} is {}{}{}", name, text_of(state), told.empty() ? "" : ": ", told);
    if (contains(state, "FAILED")) throw Finding{text, remedy_for_synced_table(told)};
    if (!contains(state, "ONLINE")) {
      throw Finding{text, "Wait until it is ONLINE; if it stays, look at its pipeline in the workspace."};
    }
    return text;
  }

  std::string look_at_feeds() {
    if (target_.product == Target::Product::provisioned) {
      throw Finding{"an instance has no change data feeds", "Name a project, or leave --feeds out."};
    }
    auto const wanted = options_.database.value_or("databricks_postgres");
    std::size_t tables = 0;
    for (auto const& database : client_->postgres.list_databases(branch_name())) {
      if (!database.status || database.status->postgres_database != wanted) continue;
      for (auto const& feed : client_->postgres.list_cdf_configs(database.name.value_or(""))) {
        for (auto const& table : client_->postgres.list_cdf_statuses(feed.name.value_or(""))) {
          check_feed_of(table);
          ++tables;
        }
      }
    }
    return fmt::format("{} tables of {} are fed", tables, wanted);
  }

  static void check_feed_of(postgres::CdfStatus const& table) {
    auto const state = table.state.value_or(Enum<postgres::CdfState>{});
    if (!(state == postgres::CdfState::skipped) && !(state == postgres::CdfState::terminated)) return;
    throw Finding{
        fmt::format("the feed of table {} is {}: {}", table.postgres_table.value_or("?"), state.wire(),
                    table.status_detail.value_or("the service does not say why")),
        "A feed needs PostgreSQL 17, and ALTER TABLE … REPLICA IDENTITY FULL for each table; partitioned tables "
        "have none. Change the table, then delete the feed and create it again (lakebase postgres "
        "delete-cdf-config, create-cdf-config)."};
  }

  void token() {
    step("token", [&] {
      pq::SourceOptions wanted{.intent = only_reads_ ? pq::Intent::read_only : pq::Intent::read_write,
                               .dbname = options_.database};
      source_ = pq::source_for(*client_, name_, wanted);
      source_.credentials->get({});
      return fmt::format("for {}", source_.parameters.user);
    });
  }

  void network() {
    auto const& parameters = source_.parameters;
    step("dns", [&] {
      addresses_ = look_up(parameters.host, options_.limit, options_.stop);
      return fmt::format("{} is {}", parameters.host, addresses_[0]);
    });
    step("tcp", [&] {
      auto const address = reach(addresses_, parameters.port, options_.limit, options_.stop);
      return fmt::format("{} port {}", address, parameters.port);
    });
  }

  /// TLS, role and database are seen by one login, whose time is that of the first.
  void log_in() {
    auto const start = std::chrono::steady_clock::now();
    auto const& parameters = source_.parameters;
    try {
      session_.emplace(pq::connect(source_, {.timeout = options_.login_limit,
                                             .attempt_timeout = options_.login_limit,
                                             .stop = options_.stop,
                                             .resolver = [found = addresses_](std::string const&) { return found; },
                                             .resolver_first = true}));
    } catch (Error const& error) {
      auto const failed = login_step(error);
      // What comes before it in a login was fine.
      if (failed == "role" || failed == "database") add({"tls", true, since(start), tls_text(), ""});
      if (failed == "database") add({"role", true, {}, parameters.user, ""});
      fail(std::string{failed}, start, error);
    }
    add({"tls", true, since(start), tls_text(), ""});
    add({"role", true, {}, parameters.user, ""});
    add({"database", true, {}, parameters.dbname, ""});
  }

  [[nodiscard]] std::string tls_text() const {
    auto const roots = source_.parameters.sslrootcert;
    return fmt::format("{}, authorities of {}", pq::to_string(source_.parameters.sslmode),
                       roots.empty() ? "no file" : roots);
  }

  template <class... Ts>
  auto ask(std::string_view statement, pq::Params const& parameters = {}) {
    return session_->query_one<Ts...>(statement, parameters, {.timeout = options_.limit, .stop = options_.stop});
  }

  void inside() {
    step("query", [&] {
      auto const [one, server, user] =
          ask<int, std::string, std::string>("SELECT 1, current_setting('server_version'), current_user::text");
      return fmt::format("SELECT {}; PostgreSQL {}, lakebase {}", one, server, LAKEBASE_VERSION);
    });
    if (!options_.reads_only) step("writes", [&] { return look_at_writing(); });
    step("limits", [&] { return look_at_limits(); });
    step("schema", [&] { return look_at_schema(); });
    for (auto const& extension : options_.extensions) {
      step("extension", [&] { return look_at_extension(extension); });
    }
  }

  std::string look_at_writing() {
    auto const [recovers, read_only] =
        ask<bool, std::string>("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')");
    if (recovers) {
      throw Finding{"this server is a replica, which only reads", "Connect to the read-write endpoint of the branch."};
    }
    if (read_only == "on") {
      throw Finding{"sessions of this role only read",
                    "Set default_transaction_read_only to off for the role or the database (ALTER ROLE … SET)."};
    }
    return "transactions may write";
  }

  std::string look_at_limits() {
    auto const [used, most, idle, idle_in_transaction] = ask<std::int64_t, std::string, std::string, std::string>(
        "SELECT (SELECT coalesce(sum(numbackends), 0)::bigint FROM pg_stat_database), "
        "current_setting('max_connections'), current_setting('idle_session_timeout'), "
        "current_setting('idle_in_transaction_session_timeout')");
    auto text = fmt::format(
        "{} of {} connections; one ends after 24 h without use or 3 days in all: a pool has to renew them", used, most);
    if (idle != "0") text += ", and idle_session_timeout is " + idle;
    if (idle_in_transaction != "0") text += ", and idle_in_transaction_session_timeout is " + idle_in_transaction;
    return text;
  }

  std::string look_at_schema() {
    auto const name = options_.schema.empty()
                          ? std::get<0>(ask<std::optional<std::string>>("SELECT current_schema()::text"))
                          : std::optional{options_.schema};
    if (!name) {
      throw Finding{"search_path names no schema that is there and that you may use",
                    "Create one, or have its owner GRANT USAGE on it; then name it in search_path."};
    }
    auto const found = session_->query_optional<std::string, bool, bool>(
        "SELECT pg_get_userbyid(nspowner)::text, has_schema_privilege(oid, 'USAGE'), has_schema_privilege(oid, "
        "'CREATE') "
        "FROM pg_namespace WHERE nspname = $1",
        {*name}, {.timeout = options_.limit, .stop = options_.stop});
    if (!found) {
      throw Finding{fmt::format("there is no schema {}", *name), fmt::format("Create it: CREATE SCHEMA \"{}\"", *name)};
    }
    auto const& [owner, uses, creates] = *found;
    bool const creation_is_missing = !creates && !options_.reads_only;
    if (!uses || creation_is_missing) {
      throw Finding{fmt::format("the schema {} is owned by {}, and you may not {}", *name, owner,
                                uses ? "create anything in it" : "use it"),
                    fmt::format("Have its owner run: GRANT USAGE{} ON SCHEMA \"{}\" TO \"{}\"; or create a schema of "
                                "your own.",
                                creation_is_missing ? ", CREATE" : "", *name, source_.parameters.user)};
    }
    return fmt::format("{}, owned by {}, for {}", *name, owner, creates ? "reading and creating" : "reading");
  }

  std::string look_at_extension(std::string const& name) {
    auto const [version, is_available] = ask<std::optional<std::string>, bool>(
        "SELECT (SELECT extversion FROM pg_extension WHERE extname = $1), "
        "EXISTS (SELECT FROM pg_available_extensions WHERE name = $1)",
        {name});
    if (version) return fmt::format("{} {}", name, *version);
    if (is_available) {
      throw Finding{fmt::format("the extension {} is not in this database", name),
                    fmt::format("Create it: CREATE EXTENSION \"{}\"", name)};
    }
    throw Finding{fmt::format("the extension {} is not offered by this server", name),
                  "Check its name (SELECT name FROM pg_available_extensions), or do without it."};
  }

  std::function<WorkspaceClient()> const& make_client_;
  DoctorOptions const& options_;
  Target target_;
  std::optional<WorkspaceClient> client_{};
  /// Of the endpoint or the instance.
  std::string name_{};
  bool only_reads_ = false;
  pq::ConnectionSource source_{};
  std::vector<std::string> addresses_{};
  std::optional<pq::Connection> session_{};
  std::vector<DoctorStep> steps_{};
};

std::string remedy_for_service(std::string const& step, Error const& error) {
  // By its status, which an error that was told what it was for has kept.
  auto const* const of_service = dynamic_cast<ApiError const*>(&error);
  auto const status = of_service == nullptr ? 0 : of_service->http_status();
  if (status == 401 || dynamic_cast<AuthError const*>(&error) != nullptr) {
    return "The login was refused: make a new token, or log in again; lakebase auth describe shows which settings are "
           "used.";
  }
  if (status == 403) {
    if (step == "caller" || step == "target") {
      return "You are known, but may not do this: ask an administrator of the workspace for access.";
    }
    return "You may not see it: ask its owner for the permission 'Can Use' (or 'Can Manage').";
  }
  if (status == 404) {
    auto const list = step == "instance"  ? "database list-database-instances"
                      : step == "project" ? "postgres list-projects"
                      : step == "branch"  ? "branch list"
                                          : "postgres list-endpoints";
    return fmt::format(
        "Check the name, and that the profile is of the right workspace: lakebase {} shows what there is.", list);
  }
  if (!error.hint().empty()) return error.hint();
  if (status == 400) {
    return "Trying again gives the same: change what the message names.";
  }
  return "Try again; if it stays, send the message to the support of Databricks" +
         (error.request_id().empty() ? std::string{"."} : fmt::format(", with the request id {}.", error.request_id()));
}

}  // namespace

std::string remedy_for(std::string const& step, Error const& error) {
  if (dynamic_cast<Finding const*>(&error) != nullptr) return error.hint();
  if (step == "settings") {
    if (contains(error.message(), "profile")) {
      return "Write that section into ~/.databrickscfg, or name another: -p NAME, or DATABRICKS_CONFIG_PROFILE.";
    }
    bool const is_of_all = contains(error.message(), "cannot configure default credentials");
    return error.hint().empty() || is_of_all ? "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or name a profile: -p NAME."
                                             : error.hint();
  }
  if (step == "dns") {
    return "The endpoint may be new or gone: look its host up again (lakebase postgres list-endpoints), and check the "
           "DNS server and the VPN; with a private link, the private zone.";
  }
  if (step == "tcp") {
    return "Nothing accepts connections there: check PGPORT, firewalls, and the workspace's list of IP addresses; some "
           "networks let out port 443 only.";
  }
  if (step == "tls" || step == "role" || step == "database" || step == "login") return remedy_for_login(error);
  if (auto const* const transport = dynamic_cast<TransportError const*>(&error))
    return remedy_for_transport(*transport);
  if (dynamic_cast<pq::PgError const*>(&error) != nullptr) return remedy_for_login(error);
  return remedy_for_service(step, error);
}

std::vector<DoctorStep> examine(std::function<WorkspaceClient()> const& make_client, DoctorOptions const& options) {
  return Examination{make_client, options}.run();
}

}  // namespace lakebase::tools
