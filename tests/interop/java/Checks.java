import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What the checks of Java's drivers share: see ../README.md. */
final class Checks {
  static final int ROWS = 10_000;
  static final int SESSIONS = 50;

  static final Map<String, String> environment = System.getenv();
  static final String wrongToken = environment.get("PGPASSWORD") + "x";
  static final String expiredToken = environment.get("INTEROP_EXPIRED_TOKEN");

  /** A check returns what it saw, or null. */
  interface Check {
    Object run() throws Exception;
  }

  interface Asker {
    int ask(int number, CyclicBarrier everyone) throws Exception;
  }

  private final Map<String, Check> checks = new LinkedHashMap<>();

  Checks add(String name, Check check) {
    checks.put(name, check);
    return this;
  }

  /** Runs the checks in their order, prints a line for each, and ends the program. */
  void main() {
    int status = 0;
    for (Map.Entry<String, Check> check : checks.entrySet()) {
      String line;
      try {
        Object seen = check.getValue().run();
        line = "ok " + check.getKey() + (seen == null ? "" : ": " + seen);
      } catch (Exception | AssertionError error) {
        line = "FAIL " + check.getKey() + ": " + error;
        status = 1;
      }
      System.out.println(line.replaceAll("\\s+", " "));
    }
    System.exit(status);
  }

  /** Asks something of the server: token, suspend, crash, group, failover, or asleep. */
  static String control(String what) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(environment.get("INTEROP_CONTROL") + "/" + what)).build();
    HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    require(response.statusCode() == 200, response.body());
    return response.body();
  }

  static void require(boolean holds, Object why) {
    if (!holds) throw new AssertionError(why);
  }

  /** The error of something that must fail. */
  static SQLException failure(Check call) throws Exception {
    try {
      call.run();
    } catch (SQLException error) {
      return error;
    }
    throw new AssertionError("it did not fail");
  }

  /** Whether a connect failed on the certificate. */
  static Object notTrusted(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.security.cert.CertPathBuilderException) return null;
    }
    throw new AssertionError(error);
  }

  /** Whether a connect failed on the certificate's name. */
  static Object notNamed(SQLException error) {
    require(error.getMessage().contains("could not be verified by hostnameverifier"), error);
    return null;
  }

  /** Whether a login was refused in the server's words; the SQLSTATE. */
  static Object refused(SQLException error) {
    require(error.getMessage().contains(environment.get("INTEROP_REFUSAL")), error);
    return error.getSQLState();
  }

  /** Starts a thread that cancels once a statement sleeps. Join it. */
  static Thread whenAsleep(Check cancel) {
    Thread thread = new Thread(() -> {
      try {
        control("asleep");
        cancel.run();
      } catch (Exception error) {
        System.out.println("FAIL the cancel: " + error);
      }
    });
    thread.start();
    return thread;
  }

  /** The sum of what threads say, all of which are to wait for the others. */
  static String atOnce(Asker asker) throws Exception {
    CyclicBarrier everyone = new CyclicBarrier(SESSIONS);
    ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int n = 0; n < SESSIONS; n++) {
      int number = n;
      calls.add(() -> asker.ask(number, everyone));
    }
    int sum = 0;
    for (Future<Integer> answer : threads.invokeAll(calls, 60, TimeUnit.SECONDS)) sum += answer.get();
    threads.shutdown();
    return "sum " + sum;
  }

  /** What a statement shows before and after a migration, each time twice: its columns, or the SQLSTATE. */
  static String overMigration(Check columns, Check migrate) throws Exception {
    List<String> seen = new ArrayList<>();
    for (int times = 0; times < 4; times++) {
      if (times == 2) migrate.run();
      try {
        seen.add(columns.run().toString());
      } catch (SQLException error) {
        seen.add(error.getSQLState());
      }
    }
    return String.join(", ", seen);
  }
}
