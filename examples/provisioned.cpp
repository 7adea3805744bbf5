// A database instance of Lakebase Provisioned, from its creation to its end:
//
//   provisioned [INSTANCE]

#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/database/convenience.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

using namespace lakebase::database;

int main(int count, char** arguments) try {
  std::string const name = count > 1 ? arguments[1] : "my-instance";
  lakebase::WorkspaceClient const w;

  DatabaseInstance const instance = w.database.create_database_instance({.name = name, .capacity = "CU_1"}).wait();
  std::printf("%s is AVAILABLE at %s\n", name.c_str(), host_of(instance).c_str());

  // For any client of PostgreSQL: the token is the password of the e-mail address or application id.
  DatabaseCredential const credential = w.database.generate_database_credential({.instance_names = {name}});
  std::printf("a token of %zu bytes opens it until %s\n", token_of(credential).size(),
              lakebase::at(credential, &DatabaseCredential::expiration_time).c_str());

  // Mints its own.
  auto const source = lakebase::pq::source_for(w, name);
  {
    auto connection = lakebase::pq::connect(source);
    connection.exec("CREATE TABLE orders (item text)");
    connection.exec("INSERT INTO orders VALUES ($1)", {"tea"});
  }

  stop_instance(w.database, name);
  wait_until(w.database, name, DatabaseInstanceState::stopped);
  try {
    static_cast<void>(lakebase::pq::connect(source));
  } catch (lakebase::pq::ConnectionError const& error) {
    std::printf("%s\n", error.what());  // that it is stopped, and how to start it
  }

  start_instance(w.database, name);
  wait_until(w.database, name, DatabaseInstanceState::available);
  auto connection = lakebase::pq::connect(source);
  std::printf("started again, with %s\n", connection.query_value<std::string>("SELECT item FROM orders").c_str());

  w.database.delete_database_instance(name, {.purge = true});
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "provisioned: %s\n", error.what());
  return EXIT_FAILURE;
}
