"""Compares a branch's PostgreSQL with the model: roles, databases, schemas and settings, by psql through the front."""

import os
import subprocess

import contents
from life import PATIENCE, Mismatch
from rules import databases
from rules.roles import SUPERUSER
from state import ABSENT

CALLER = "developer@example.com"
OWN = "('cloud_admin', 'databricks_superuser', 'postgres', 'authenticator')"
ROLES = f"""SELECT rolname, rolcanlogin, rolcreatedb, rolcreaterole, rolbypassrls,
  EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
          WHERE m.member = r.oid AND g.rolname = 'databricks_superuser')
  FROM pg_roles r WHERE rolname NOT LIKE 'pg\\_%' AND rolname NOT IN {OWN}"""
DATABASES = "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
TABLES = """SELECT nspname, relname, pg_get_userbyid(relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"""
FORMS = {"plain": "CREATE TABLE {} (id int)", "unlogged": "CREATE UNLOGGED TABLE {} (id int)",
         "full": "CREATE TABLE {0} (id int); ALTER TABLE {0} REPLICA IDENTITY FULL",
         "partitioned": "CREATE TABLE {} (id int) PARTITION BY RANGE (id)"}
SCHEMAS = """SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace
  WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public', 'pgrst')"""


def quoted(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Login:
    def __init__(self, life, endpoint):
        self.environment = life.environment
        self.host = life.call("GET", endpoint).json["status"]["hosts"]["host"]
        self.token = life.call("POST", "credentials", body=f'{{"endpoint":"{endpoint}"}}').json["token"]

    def rows(self, query, database="postgres"):
        """The rows as sorted tuples of text; raises CalledProcessError if the login is refused."""
        done = subprocess.run(
            ["psql", "-XAtqw", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-d",
             f"host={self.host} port={self.environment['PGPORT']} user={CALLER} dbname={quoted(database)} "
             "sslmode=verify-full client_encoding=UTF8", "-c", query],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": self.token, "PGSSLROOTCERT": self.environment["PGSSLROOTCERT"]},
            check=True, capture_output=True, timeout=PATIENCE)
        text = done.stdout.decode().rstrip("\n")
        return sorted(tuple(line.split("\x1f")) for line in text.split("\x1e") if line)


def _mark(condition):
    return "t" if condition else "f"


def _expected_roles(model, branch):
    return sorted((
        role.status["postgres_role"], _mark(role.status["auth_method"] != "NO_LOGIN"),
        *(_mark(role.status["attributes"][each]) for each in ("createdb", "createrole", "bypassrls")),
        _mark(role.status["membership_roles"] == [SUPERUSER])) for role in model.state.below(branch.name, "role"))


def _caller(model, branch):
    """The caller's role if it can log in, else None."""
    endpoint = model.state.find(branch.name + "/endpoints/primary")
    caller = next((role for role in model.state.below(branch.name, "role")
                   if role.status["postgres_role"] == CALLER), None)
    may = caller and caller.status["auth_method"] == "LAKEBASE_OAUTH_V1" and not endpoint.status["disabled"]
    return caller if may else None


def make_table(life, model, branch_name, database, schema, table, form):
    """The caller makes a table, if the branch, the schema and the right to do so are there."""
    branch = model.state.live(branch_name, "branch")
    caller = branch and _caller(model, branch)
    found = databases.by_postgres_name(model, branch_name, database)
    if not caller or not found or not contents.has_schema(branch, database, schema):
        return
    owns = found.status["role"] == caller.name
    if not owns and (schema != "public" or caller.status["membership_roles"] != [SUPERUSER]):
        return
    if (database, schema, table) in branch.hidden["tables"]:
        return
    try:
        Login(life, branch.name + "/endpoints/primary").rows(FORMS[form].format(f'"{schema}"."{table}"'), database)
    except subprocess.CalledProcessError as error:
        raise Mismatch(f"the table cannot be made: {error.stderr.decode()}") from None
    branch.hidden["tables"][database, schema, table] = {"owner": CALLER, "form": form}


def differences(life, model, branch):
    """What PostgreSQL holds otherwise than the model. Where the caller cannot log in, that is what is looked at."""
    endpoint = model.state.find(branch.name + "/endpoints/primary")
    may_log_in = _caller(model, branch)
    login = Login(life, endpoint.name)
    try:
        roles = login.rows(ROLES)
    except subprocess.CalledProcessError as error:
        return [f"the login fails: {error.stderr.decode()}"] if may_log_in else []
    if not may_log_in:
        return [f"{CALLER} can log in, though its role or the endpoint does not let it: {endpoint.status}"]
    lines = _compared("roles", _expected_roles(model, branch), roles)
    names = {role.name: role.status["postgres_role"] for role in model.state.below(branch.name, "role")}
    expected = sorted((each.status["postgres_database"], names.get(each.status["role"], "?"))
                       for each in model.state.below(branch.name, "database"))
    lines += _compared("databases", expected, login.rows(DATABASES))
    for database, schemas in branch.hidden["schemas"].items():
        expected = sorted((name, "pg_database_owner") for name in schemas)
        lines += _compared(f"schemas of {database}", expected, login.rows(SCHEMAS, database)) if expected else []
    for database in {key[0] for key in branch.hidden["tables"]}:
        expected = sorted(
            (*key[1:], table["owner"]) for key, table in branch.hidden["tables"].items() if key[0] == database)
        lines += _compared(f"tables of {database}", expected, login.rows(TABLES, database))
    for each in model.state.below(branch.name, "endpoint"):
        settings = each.status["settings"]["pg_settings"]
        if settings != ABSENT and not each.status["disabled"]:
            for name, value in settings.items():
                lines += _compared(f"{name} of {each.name}", [(value,)], Login(life, each.name).rows(f"SHOW {name}"))
    return lines


def _compared(what, expected, found):
    return [] if expected == found else [f"{what}: expected {expected}, found {found}"]
