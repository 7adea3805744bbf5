import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/** What pgjdbc asks for the password as it connects. */
public class FreshToken implements AuthenticationPlugin {
  @Override
  public char[] getPassword(AuthenticationRequestType type) throws PSQLException {
    try {
      return Checks.control("token").toCharArray();
    } catch (Exception error) {
      throw new PSQLException("no token", PSQLState.CONNECTION_REJECTED, error);
    }
  }
}
