import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OrdersTest {
  private static String project;
  private Connection connection;
  private Statement statement;

  @BeforeAll
  static void prepare() throws Exception {
    project = Lakebase.newProject();
    try (Connection production = Lakebase.connect(project + "/branches/production")) {
      Statement statement = production.createStatement();
      statement.execute("CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL)");
      statement.execute("INSERT INTO orders VALUES (1, 'tea')");
    }
  }

  @AfterAll
  static void tidyUp() throws Exception {
    Lakebase.call("DELETE", "postgres/" + project + "?purge=true", "");
  }

  @BeforeEach
  void connect() throws Exception {
    connection = Lakebase.connect(Lakebase.newBranch(project));
    statement = connection.createStatement();
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
  }

  @Test
  void canBeCancelled() throws Exception {
    statement.execute("DELETE FROM orders");
    assertFalse(statement.executeQuery("SELECT * FROM orders").next());
  }

  @Test
  void areThereForEachTest() throws Exception {
    ResultSet rows = statement.executeQuery("SELECT item FROM orders");
    assertTrue(rows.next());
    assertEquals("tea", rows.getString(1));
  }
}
