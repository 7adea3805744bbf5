import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.postgresql.PGConnection;

/** The checks with pgjdbc and HikariCP, and what pgjdbc sees of the protocol's versions. */
public class Pgjdbc {
  static final String HOST = Checks.environment.get("PGHOST");
  static final String PORT = Checks.environment.get("PGPORT");
  static final String DATABASE = Checks.environment.get("PGDATABASE");

  static String url(String host, String port, String database) {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  static Properties properties(Map<String, String> more) {
    Properties properties = new Properties();
    properties.setProperty("user", Checks.environment.get("PGUSER"));
    properties.setProperty("password", Checks.environment.get("PGPASSWORD"));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", Checks.environment.get("PGSSLROOTCERT"));
    properties.putAll(more);
    return properties;
  }

  static Connection connect(Map<String, String> more) throws SQLException {
    return DriverManager.getConnection(url(HOST, PORT, DATABASE), properties(more));
  }

  static SQLException refusal(String url, Map<String, String> more) throws Exception {
    return Checks.failure(() -> {
      DriverManager.getConnection(url, properties(more)).close();
      return null;
    });
  }

  static SQLException refusal(Map<String, String> more) throws Exception {
    return refusal(url(HOST, PORT, DATABASE), more);
  }

  static HikariDataSource pool(int size, Map<String, String> more) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url(HOST, PORT, DATABASE));
    config.setDataSourceProperties(properties(more));
    config.setMinimumIdle(1);
    config.setMaximumPoolSize(size);
    return new HikariDataSource(config);
  }

  static String value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static void write(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static Object verifyFull() throws SQLException {
    try (Connection connection = connect(Map.of())) {
      return value(connection, "SELECT 1").equals("1") ? null : "not 1";
    }
  }

  static Object freshToken() throws SQLException {
    Map<String, String> plugin = Map.of("password", Checks.expiredToken, "authenticationPluginClassName", "FreshToken");
    try (HikariDataSource pool = pool(1, plugin); Connection connection = pool.getConnection()) {
      value(connection, "SELECT 1");
      return null;
    }
  }

  static Object wake() throws Exception {
    try (HikariDataSource pool = pool(1, Map.of())) {
      try (Connection connection = pool.getConnection()) {
        value(connection, "SELECT 1");
      }
      Checks.control("suspend");
      try (Connection connection = pool.getConnection()) {
        value(connection, "SELECT 1");
      }
    }
    return null;
  }

  static Object crash() throws Exception {
    try (HikariDataSource pool = pool(2, Map.of())) {
      String state;
      try (Connection connection = pool.getConnection()) {
        write(connection, "CREATE TABLE crashes (n int)");
        connection.setAutoCommit(false);
        write(connection, "INSERT INTO crashes VALUES (1)");
        Checks.control("crash");
        state = Checks.failure(() -> value(connection, "SELECT 1")).getSQLState();
        Checks.require(connection.isClosed(), "the connection is not lost");
      }
      Checks.require(state.startsWith("08") || state.startsWith("57P"), state);
      try (Connection again = pool.getConnection()) {
        Checks.require(value(again, "SELECT count(*) FROM crashes").equals("0"), "a row is there");
      }
    }
    return null;
  }

  /** A new connection, as soon as there can be one. */
  static Connection again() throws Exception {
    long end = System.nanoTime() + 30_000_000_000L;
    while (true) {
      try {
        return connect(Map.of());
      } catch (SQLException error) {
        if (System.nanoTime() > end) {
          throw error;
        }
      }
    }
  }

  static Object failover() throws Exception {
    Checks.control("group");
    Connection connection = connect(Map.of());
    write(connection, "CREATE TABLE kept (n int PRIMARY KEY)");
    Thread failing = null;
    for (int n = 0; n < 60; ++n) {
      if (n % 20 == 10) {
        failing = new Thread(() -> {
          try {
            Checks.control("failover");
          } catch (Exception error) {
            throw new IllegalStateException(error);
          }
        });
        failing.start();
      }
      while (true) {
        try {
          write(connection, "INSERT INTO kept VALUES (" + n + ") ON CONFLICT DO NOTHING");
          break;
        } catch (SQLException error) {
          connection = again();
        }
      }
      if (failing != null && n % 20 == 19) {
        failing.join();
      }
    }
    String kept = value(again(), "SELECT count(*) || ' of ' || count(DISTINCT n) || ' to ' || max(n) FROM kept");
    Checks.require(kept.equals("60 of 60 to 59"), kept);
    return null;
  }

  static String cancelled(Map<String, String> more) throws Exception {
    try (Connection connection = connect(more); Statement statement = connection.createStatement()) {
      Thread canceller = Checks.whenAsleep(() -> {
        statement.cancel();
        return null;
      });
      SQLException error = Checks.failure(() -> statement.executeQuery("SELECT pg_sleep(60)"));
      canceller.join();
      Checks.require(value(connection, "SELECT 1").equals("1"), "the session does not go on");
      return error.getSQLState() + " " + error.getMessage();
    }
  }

  static Object cancel() throws Exception {
    String asked = cancelled(Map.of());
    try (Connection connection = connect(Map.of()); Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      SQLException error = Checks.failure(() -> statement.executeQuery("SELECT pg_sleep(60)"));
      value(connection, "SELECT 1");
      return asked.split(" ")[0] + " and goes on, with a timeout " + error.getSQLState() + " and goes on";
    }
  }

  static Object atOnce() throws Exception {
    try (HikariDataSource pool = pool(Checks.SESSIONS, Map.of())) {
      return Checks.atOnce((number, everyone) -> {
        try (Connection connection = pool.getConnection();
             PreparedStatement statement = connection.prepareStatement("SELECT ?::int")) {
          everyone.await();
          statement.setInt(1, number);
          try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
          }
        }
      });
    }
  }

  static Object copyIn() throws Exception {
    try (Connection connection = connect(Map.of())) {
      write(connection, "CREATE TABLE copied (n int, word text)");
      StringBuilder lines = new StringBuilder();
      for (int n = 0; n < Checks.ROWS; n++) lines.append(n).append("\tword ").append(n).append('\n');
      return connection.unwrap(PGConnection.class).getCopyAPI()
          .copyIn("COPY copied FROM STDIN", new StringReader(lines.toString())) + " rows";
    }
  }

  static Object copyOut() throws Exception {
    try (Connection connection = connect(Map.of())) {
      StringWriter text = new StringWriter();
      long rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY copied TO STDOUT", text);
      return rows + " rows in " + text.toString().lines().count() + " lines";
    }
  }

  /** It prepares a statement by itself, here at its first execution. */
  static Object prepared() throws Exception {
    try (Connection connection = connect(Map.of("prepareThreshold", "1")); Connection other = connect(Map.of())) {
      write(other, "CREATE TABLE migrated AS SELECT 1 AS a");
      try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM migrated")) {
        return Checks.overMigration(() -> {
          try (ResultSet rows = statement.executeQuery()) {
            return rows.getMetaData().getColumnCount();
          }
        }, () -> {
          write(other, "ALTER TABLE migrated ADD COLUMN b int");
          return null;
        });
      }
    }
  }

  static String refusedOrConnected(String database, Map<String, String> more) {
    try {
      DriverManager.getConnection(url(HOST, PORT, database), properties(more)).close();
      return "connected";
    } catch (SQLException error) {
      return error.getSQLState() + " " + error.getMessage();
    }
  }

  static Object protocols() throws Exception {
    Map<String, String> seen = new LinkedHashMap<>();
    boolean takesDirectTls;
    try (Connection connection = connect(Map.of())) {
      takesDirectTls = connection.getMetaData().getDatabaseMajorVersion() >= 17;
    }
    for (String version : new String[] {"3.0", "3.2"}) {
      Map<String, String> protocol = Map.of("protocolVersion", version);
      try (Connection connection = connect(protocol)) {
        seen.put(version, value(connection, "SELECT session_user = current_user"));
      }
      seen.put("cancel " + version, cancelled(protocol));
      if (takesDirectTls) {
        seen.put("direct " + version,
            refusedOrConnected(DATABASE, Map.of("protocolVersion", version, "sslNegotiation", "direct")));
      }
    }
    return seen;
  }

  static Object startupPackets() {
    Map<String, String> seen = new LinkedHashMap<>();
    for (String wanted : new String[] {"true", "database"}) {
      // Without these it does not ask for replication.
      seen.put("replication " + wanted, refusedOrConnected(DATABASE, Map.of("replication", wanted,
          "assumeMinServerVersion", "9.4", "preferQueryMode", "simple")));
    }
    seen.put("an unknown setting", refusedOrConnected(DATABASE, Map.of("options", "-c no_such_setting=1")));
    seen.put("a missing database", refusedOrConnected("missing", Map.of()));
    return seen;
  }

  public static void main(String[] arguments) {
    String elsewhere = url(Checks.environment.get("INTEROP_OTHER_HOST"), Checks.environment.get("INTEROP_OTHER_PORT"),
        DATABASE);
    new Checks()
        .add("verify-full", Pgjdbc::verifyFull)
        .add("another CA", () ->
            Checks.notTrusted(refusal(Map.of("sslrootcert", Checks.environment.get("INTEROP_OTHER_CA")))))
        .add("another host name", () -> Checks.notNamed(refusal(elsewhere, Map.of())))
        .add("plaintext", () -> refusal(Map.of("sslmode", "disable")).getSQLState())
        .add("wrong token", () -> Checks.refused(refusal(Map.of("password", Checks.wrongToken))))
        .add("expired token", () -> Checks.refused(refusal(Map.of("password", Checks.expiredToken))))
        .add("fresh token", Pgjdbc::freshToken)
        .add("wake", Pgjdbc::wake)
        .add("crash in a transaction", Pgjdbc::crash)
        .add("cancel", Pgjdbc::cancel)
        .add("50 at once", Pgjdbc::atOnce)
        .add("COPY in", Pgjdbc::copyIn)
        .add("COPY out", Pgjdbc::copyOut)
        .add("prepared over a migration", Pgjdbc::prepared)
        .add("protocols", Pgjdbc::protocols)
        .add("startup packets", Pgjdbc::startupPackets)
        .add("failover", Pgjdbc::failover)
        .main();
  }
}
