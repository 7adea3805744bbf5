import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;

/** Projects, branches and connections of the workspace that the environment names. */
final class Lakebase {
  private static final Map<String, String> environment = System.getenv();

  /** Sends a request, and waits for the end of an operation. */
  static JsonObject call(String method, String path, String body) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(environment.get("DATABRICKS_HOST") + "/api/2.0/" + path))
        .header("Authorization", "Bearer " + environment.get("DATABRICKS_TOKEN"))
        .method(method, HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    JsonObject result = JsonParser.parseString(response.body()).getAsJsonObject();
    if (response.statusCode() == 409) {  // a project runs one operation at a time
      Thread.sleep(50);
      return call(method, path, body);
    }
    if (response.statusCode() != 200 || result.has("error")) throw new IllegalStateException(response.body());
    boolean operation = result.has("name") && result.get("name").isJsonPrimitive()
        && result.get("name").getAsString().contains("/operations/");
    boolean done = result.has("done") && result.get("done").getAsBoolean();
    if (!operation || done) return result;
    Thread.sleep(50);
    return call("GET", "postgres/" + result.get("name").getAsString(), "");
  }

  static String newProject() throws Exception {
    String id = "run-" + UUID.randomUUID();
    call("POST", "postgres/projects?project_id=" + id, "{}");
    return "projects/" + id;
  }

  static String newBranch(String project) throws Exception {
    String id = "test-" + UUID.randomUUID();
    call("POST", "postgres/" + project + "/branches?branch_id=" + id, "{\"spec\": {\"ttl\": \"3600s\"}}");
    return project + "/branches/" + id;
  }

  static Connection connect(String branch) throws Exception {
    JsonObject endpoint = call("GET", "postgres/" + branch + "/endpoints", "").getAsJsonArray("endpoints").get(0)
        .getAsJsonObject();
    String host = endpoint.getAsJsonObject("status").getAsJsonObject("hosts").get("host").getAsString();
    Properties properties = new Properties();
    properties.setProperty("user", call("GET", "preview/scim/v2/Me", "").get("userName").getAsString());
    properties.setProperty("password", call("POST", "postgres/credentials", "{\"endpoint\": " + endpoint.get("name") + "}")
        .get("token").getAsString());
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", environment.get("PGSSLROOTCERT"));
    return DriverManager.getConnection(
        "jdbc:postgresql://" + host + ":" + environment.get("PGPORT") + "/databricks_postgres", properties);
  }
}
