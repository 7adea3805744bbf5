import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;

/** What pgjdbc sees of the server that the PG variables name. */
public class Observe {
  static Connection connect(Map<String, String> more) throws SQLException {
    return connect(System.getenv("PGDATABASE"), more);
  }

  static Connection connect(String database, Map<String, String> more) throws SQLException {
    Map<String, String> environment = System.getenv();
    Properties properties = new Properties();
    properties.setProperty("user", environment.get("PGUSER"));
    properties.setProperty("password", environment.get("PGPASSWORD"));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", environment.get("PGSSLROOTCERT"));
    properties.putAll(more);
    return DriverManager.getConnection("jdbc:postgresql://" + environment.get("PGHOST") + ":"
        + environment.getOrDefault("PGPORT", "5432") + "/" + database, properties);
  }

  static void observe(String what, Object seen) {
    System.out.println(what + ": " + seen);
  }

  static String value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static String refusal(Map<String, String> more) {
    return refusal(System.getenv("PGDATABASE"), more);
  }

  static String refusal(String database, Map<String, String> more) {
    try (Connection connection = connect(database, more)) {
      return "connected";
    } catch (SQLException error) {
      return error.getSQLState() + " " + error.getMessage();
    }
  }

  static void awaitSleeper() throws SQLException {
    try (Connection watcher = connect(Map.of())) {
      while (!value(watcher, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE"
          + " 'SELECT pg_sleep%'").equals("1")) {
      }
    }
  }

  static void cancel(Map<String, String> more) throws Exception {
    try (Connection connection = connect(more); Statement statement = connection.createStatement()) {
      Thread canceller = new Thread(() -> {
        try {
          awaitSleeper();
          statement.cancel();
        } catch (SQLException error) {
          observe("cancel failed", error.getMessage());
        }
      });
      canceller.start();
      try {
        statement.executeQuery("SELECT pg_sleep(60)");
        observe("cancel", "slept");
      } catch (SQLException error) {
        observe("cancel", error.getSQLState() + " " + error.getMessage());
      }
      canceller.join();
      observe("afterwards", value(connection, "SELECT 1"));
    }
  }

  public static void main(String[] arguments) throws Exception {
    boolean takesDirectTls;
    try (Connection connection = connect(Map.of())) {
      takesDirectTls = connection.getMetaData().getDatabaseMajorVersion() >= 17;
    }
    for (String version : new String[] {"3.0", "3.2"}) {
      Map<String, String> protocol = Map.of("protocolVersion", version);
      try (Connection connection = connect(protocol)) {
        observe(version, value(connection, "SELECT session_user = current_user"));
      }
      cancel(protocol);
      if (takesDirectTls) {
        observe("direct", refusal(Map.of("protocolVersion", version, "sslNegotiation", "direct")));
      }
    }
    for (String wanted : new String[] {"true", "database"}) {
      // Without these it does not ask for replication.
      observe("replication " + wanted, refusal(Map.of("replication", wanted, "assumeMinServerVersion", "9.4",
          "preferQueryMode", "simple")));
    }
    observe("an unknown setting", refusal(Map.of("options", "-c no_such_setting=1")));
    observe("a missing database", refusal("missing", Map.of()));
  }
}
