// The adapter for the libpqxx at hand, against a real server.

#include <gmock/gmock.h>
#include <pqxx/pqxx>

#include <lakebase/pq/libpqxx.hpp>

#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;

ConnectionSource source() {
  return LocalPostgres::instance().source();
}

// As code that knows nothing of this library takes its connection.
int answer_of(pqxx::connection& connection) {
  pqxx::work tx{connection};
  return tx.exec("SELECT 42")[0][0].as<int>();
}

TEST(Libpqxx, CallsAFunctionThatTakesAConnection) {
  EXPECT_EQ(with_pqxx(source(), answer_of), 42);
  int calls = 0;
  with_pqxx(source(), [&](pqxx::connection& connection) {
    ++calls;
    EXPECT_TRUE(connection.is_open());
  });
  EXPECT_EQ(calls, 1);
  auto nobody = source();
  nobody.parameters.dbname = "no such database";
  EXPECT_THROW(with_pqxx(nobody, answer_of), ConnectionError);
  EXPECT_THROW(with_pqxx(source(), [](pqxx::connection& connection) { pqxx::work{connection}.exec("SELECT 1/0"); }),
               pqxx::sql_error);
}

TEST(Libpqxx, ConnectsByAStringOfItsOwn) {
  for (auto const& text : {conninfo_with_password(source()), url_with_token(source())}) {
    pqxx::connection connection{text};
    EXPECT_EQ(answer_of(connection), 42);
  }
}

#if PQXX_VERSION_MAJOR == 6

TEST(Libpqxx, RunsTransactions) {
  PqxxConnection connection{source()};
  pqxx::work tx{connection};
  EXPECT_EQ(tx.exec1("SELECT 42")[0].as<int>(), 42);
  tx.exec0("CREATE TEMP TABLE t (a int)");
  tx.commit();
}

TEST(Libpqxx, IsAConnectionOfItsOwnWhereThatIsAskedFor) {
  auto connection = pqxx_connect(source());
  pqxx::connection& plain = connection;
  pqxx::work tx{plain};
  EXPECT_EQ(tx.exec1("SELECT 42")[0].as<int>(), 42);
}

TEST(Libpqxx, ConnectsAnewAfterItsSessionWasEnded) {
  PqxxConnection connection{source()};
  connect(source()).exec("SELECT pg_terminate_backend($1)", {connection.backendpid()});
  int failures = 0;
  for (; failures < 5; ++failures) {
    try {
      pqxx::work tx{connection};
      EXPECT_EQ(tx.exec1("SELECT 1")[0].as<int>(), 1);
      break;
    } catch (pqxx::broken_connection const&) {
    }
  }
  EXPECT_LT(failures, 5);
}

TEST(Libpqxx, PassesOnWhyItCannotConnect) {
  auto nobody = source();
  nobody.parameters.dbname = "no such database";
  try {
    PqxxConnection const connection{nobody};
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(error.sqlstate(), "3D000");
  }
}

#else

TEST(Libpqxx, RunsTransactions) {
  auto connection = pqxx_connect(source());
  pqxx::work tx{connection};
  EXPECT_EQ(tx.query_value<int>("SELECT 42"), 42);
}

TEST(Libpqxx, LendsAPoolsConnection) {
  ConnectionPool pool{source(), {.max_size = 1}};
  for (int i = 0; i < 3; ++i) {
    PqxxLease lease{pool.acquire()};
    pqxx::work tx{*lease};
    EXPECT_EQ(tx.query_value<int>("SELECT 42"), 42);
    tx.commit();
  }
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST(Libpqxx, TakesBackAConnectionThatDied) {
  ConnectionPool pool{source(), {.max_size = 1}};
  {
    PqxxLease lease{pool.acquire()};
    pqxx::nontransaction tx{*lease};
    connect(source()).exec("SELECT pg_terminate_backend($1)", {tx.query_value<int>("SELECT pg_backend_pid()")});
    EXPECT_THROW(tx.exec("SELECT 1"), pqxx::failure);
  }
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
  EXPECT_EQ(pool.statistics().opened, 2U);
}

TEST(Libpqxx, PassesOnWhyItCannotConnect) {
  auto nobody = source();
  nobody.parameters.dbname = "no such database";
  try {
    static_cast<void>(pqxx_connect(nobody));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(error.sqlstate(), "3D000");
  }
}

#endif

}  // namespace
}  // namespace lakebase::tests
