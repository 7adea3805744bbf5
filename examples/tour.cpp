// What makes everyday work shorter, one call after another; README.md shows the parts in brackets.
//
// Needs the project my-app, makes branches of it, and deletes them again.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stop_token>
#include <string>
#include <vector>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

namespace pq = lakebase::pq;
using namespace lakebase::postgres;
using namespace std::chrono_literals;

namespace {

void ensure(lakebase::WorkspaceClient const& w) {
  // [ensure]
  // Created if there is none, updated if something differs, else left alone: the same call at every start of a program.
  auto const ensured =
      ensure_branch(w.postgres, "projects/my-app", Branch{.spec = BranchSpec{.ttl = 24h}}, "development");
  if (ensured.outcome == EnsureOutcome::created)
    std::printf("created %s\n", lakebase::at(ensured.resource, &Branch::name).c_str());
  // [ensure end]
}

void update(lakebase::WorkspaceClient const& w) {
  // [set_fields]
  // The mask names what is set here, and nothing else changes.
  EndpointName const name = ProjectName{"my-app"}.branch("development").endpoint("primary");
  Endpoint const wanted{.spec = EndpointSpec{.autoscaling_limit_max_cu = 4.0, .suspend_timeout_duration = 5min}};
  w.postgres.update_endpoint(name, wanted, lakebase::set_fields(wanted)).wait();
  // [set_fields end]
}

void resume(lakebase::WorkspaceClient const& w) {
  Branch const wanted{.spec = BranchSpec{.ttl = 1h}};
  // [resume]
  // The name is all that another process needs to continue the wait.
  std::string const name = w.postgres.create_branch("projects/my-app", wanted, "experiment").name();
  Branch const branch = w.postgres.resume<CreateBranchOperation>(name).wait({.timeout = 5min});
  // [resume end]
  std::printf("resumed %s\n", lakebase::at(branch, &Branch::name).c_str());
}

void pool(lakebase::WorkspaceClient const& w) {
  // [pool]
  // Tokens are minted and replaced, a suspended compute is woken, and TLS is verified.
  pq::ConnectionPool pool{pq::source_for(w, "projects/my-app/branches/development"), {.max_size = 4}};

  // Commits, and runs again if nothing can have been committed. For a lost COMMIT there is CommitUnknown.
  int const visits = pool.run([](pq::Transaction& tx) {
    tx.exec("CREATE TABLE IF NOT EXISTS visits (visitor text)");
    tx.exec("INSERT INTO visits VALUES ($1)", {"ada"});
    return tx.query_value<int>("SELECT count(*) FROM visits");
  });
  // [pool end]
  std::printf("%d visits\n", visits);
}

void copy(pq::Connection& connection) {
  std::vector<std::string> const visitors{"grace", "margaret"};
  // [copy]
  auto copying = connection.copy_in("COPY visits FROM STDIN", {.timeout = 10s});
  for (std::string const& visitor : visitors) copying.row(visitor);
  std::printf("copied %llu rows\n", static_cast<unsigned long long>(copying.finish()));

  // One row in memory at a time.
  for (auto const& [visitor] : connection.stream("SELECT visitor FROM visits ORDER BY visitor").rows<std::string>())
    std::printf("%s\n", visitor.c_str());
  // [copy end]
}

void listen(pq::ConnectionSource const& source, pq::Connection& other) {
  std::stop_source stop;
  // [listen]
  pq::Listener listener{source};
  listener.listen("visits");
  other.exec("SELECT pg_notify('visits', 'ada came')");
  listener.run(
      [&](pq::Notification const& heard) {
        std::printf("%s: %s\n", heard.channel.c_str(), heard.payload.c_str());
        stop.request_stop();
      },
      [&](pq::NotificationGap const&) { std::printf("some may have been missed: read all visits again\n"); },
      stop.get_token());
  // [listen end]
}

void errors(lakebase::WorkspaceClient const& w) {
  // [errors]
  try {
    Project const project = w.postgres.get_project("projects/there-is-none");
  } catch (lakebase::NotFound const& error) {
    std::printf("%s\n", error.what());                // the call, the service's words, and what to do
    std::printf("%s\n", error.error_code().c_str());  // NOT_FOUND
  }
  try {
    Branch const branch = w.postgres.get_branch("projects/my-app/branches/production");
    std::printf("%s\n", lakebase::at(branch, &Branch::status, &BranchStatus::expire_time).to_string().c_str());
  } catch (lakebase::MissingField const& error) {
    std::printf("%s\n", error.what());  // names status.expire_time
  }
  // [errors end]
}

}  // namespace

int main() try {
  lakebase::WorkspaceClient const w;
  ensure(w);
  update(w);
  resume(w);
  pool(w);
  {
    auto const source = pq::source_for(w, "projects/my-app/branches/development");
    auto connection = pq::connect(source);
    copy(connection);
    listen(source, connection);
  }
  errors(w);
  for (char const* branch : {"experiment", "development"}) {
    delete_if_exists(w.postgres, ProjectName{"my-app"}.branch(branch), {.purge = true});
  }
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "tour: %s\n", error.what());
  return EXIT_FAILURE;
}
