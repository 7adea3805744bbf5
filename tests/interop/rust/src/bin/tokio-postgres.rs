//! The checks with tokio-postgres over OpenSSL.

use std::pin::pin;

use bytes::Bytes;
use futures_util::future::try_join_all;
use futures_util::{SinkExt, TryStreamExt};
use interop::{control, copy_text, env, lines, not_trusted, refused, Checks, Failure, Seen, SESSIONS};
use openssl::ssl::{SslConnector, SslMethod};
use postgres_openssl::MakeTlsConnector;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

/// The session that the PG variables name; the driver does not read them.
fn config() -> Config {
    let mut config = Config::new();
    config
        .host(env("PGHOST"))
        .port(env("PGPORT").parse().expect("a port"))
        .user(env("PGUSER"))
        .dbname(env("PGDATABASE"))
        .password(env("PGPASSWORD"))
        .ssl_mode(SslMode::Require);
    config
}

/// Verifies the chain and the name.
fn tls(ca: &str) -> MakeTlsConnector {
    let mut builder = SslConnector::builder(SslMethod::tls()).expect("OpenSSL");
    builder.set_ca_file(env(ca)).expect("a file of certificates");
    MakeTlsConnector::new(builder.build())
}

/// A client, and the task of its connection, which ends with that.
async fn connect(config: &Config, ca: &str) -> Result<(Client, JoinHandle<Result<(), Error>>), Error> {
    let (client, connection) = config.connect(tls(ca)).await?;
    Ok((client, tokio::spawn(connection)))
}

async fn client() -> Result<Client, Error> {
    Ok(connect(&config(), "PGSSLROOTCERT").await?.0)
}

fn sqlstate(error: &Error) -> String {
    error.code().map_or_else(|| format!("no SQLSTATE: {error}"), |code| code.code().into())
}

async fn verify_full() -> Seen {
    client().await?.query_one("SELECT 1", &[]).await?;
    Ok(String::new())
}

async fn other_ca() -> Seen {
    not_trusted(connect(&config(), "INTEROP_OTHER_CA").await)
}

async fn other_host() -> Seen {
    let mut elsewhere = Config::new();
    elsewhere
        .host(env("INTEROP_OTHER_HOST"))
        .port(env("INTEROP_OTHER_PORT").parse()?)
        .user(env("PGUSER"))
        .password(env("PGPASSWORD"))
        .ssl_mode(SslMode::Require);
    not_trusted(connect(&elsewhere, "PGSSLROOTCERT").await)
}

async fn plaintext() -> Seen {
    match config().ssl_mode(SslMode::Disable).connect(NoTls).await {
        Ok(_) => Err("it connected".into()),
        Err(error) => Ok(sqlstate(&error)),
    }
}

async fn login(password: String) -> Seen {
    match connect(config().password(password), "PGSSLROOTCERT").await {
        Ok(_) => Err("it connected".into()),
        Err(error) => refused(&sqlstate(&error), &error),
    }
}

async fn fresh_token() -> Seen {
    let mut config = config();
    config.password(control("token").await?);
    connect(&config, "PGSSLROOTCERT").await?;
    Ok(String::new())
}

async fn wake() -> Seen {
    let (_client, connection) = connect(&config(), "PGSSLROOTCERT").await?;
    control("suspend").await?;
    let lost = connection.await?.err().ok_or("the connection is not lost")?;
    client().await?.query_one("SELECT 1", &[]).await?;
    Ok(sqlstate(&lost))
}

async fn crash() -> Seen {
    let (mut client, connection) = connect(&config(), "PGSSLROOTCERT").await?;
    client.batch_execute("CREATE TABLE crashes (n int)").await?;
    let transaction = client.transaction().await?;
    transaction.execute("INSERT INTO crashes VALUES (1)", &[]).await?;
    control("crash").await?;
    if transaction.query_one("SELECT 1", &[]).await.is_ok() || transaction.commit().await.is_ok() {
        return Err("the transaction goes on".into());
    }
    connection.await?.err().ok_or("the connection is not lost")?;
    let rows: i64 = self::client().await?.query_one("SELECT count(*) FROM crashes", &[]).await?.get(0);
    if rows != 0 {
        return Err(format!("{rows} rows").into());
    }
    Ok(String::new())
}

async fn cancel() -> Seen {
    let client = client().await?;
    let token = client.cancel_token();
    let canceller = async {
        control("asleep").await?;
        token.cancel_query(tls("PGSSLROOTCERT")).await.map_err(Failure::from)
    };
    let (ended, cancelled) = tokio::join!(client.batch_execute("SELECT pg_sleep(60)"), canceller);
    cancelled?;
    let error = ended.err().ok_or("it slept")?;
    client.query_one("SELECT 1", &[]).await?;
    Ok(format!("{} and goes on", sqlstate(&error)))
}

async fn at_once() -> Seen {
    let clients = try_join_all((0..SESSIONS).map(|_| client())).await?;
    let queries = clients.iter().zip(0..SESSIONS).map(|(client, n)| async move {
        client.query_one("SELECT $1::int", &[&n]).await.map(|row| row.get::<_, i32>(0))
    });
    Ok(format!("sum {}", try_join_all(queries).await?.iter().sum::<i32>()))
}

async fn copy_in() -> Seen {
    let client = client().await?;
    client.batch_execute("CREATE TABLE copied (n int, word text)").await?;
    let mut sink = pin!(client.copy_in("COPY copied FROM STDIN").await?);
    sink.send(Bytes::from(copy_text())).await?;
    Ok(format!("{} rows", sink.finish().await?))
}

async fn copy_out() -> Seen {
    let stream = client().await?.copy_out("COPY copied TO STDOUT").await?;
    let count = stream.try_fold(0, |count, chunk| async move { Ok(count + lines(&chunk)) }).await?;
    Ok(format!("{count} lines"))
}

async fn columns(client: &Client, statement: &Statement) -> String {
    match client.query_one(statement, &[]).await {
        Ok(row) => row.len().to_string(),
        Err(error) => sqlstate(&error),
    }
}

async fn prepared() -> Seen {
    let (client, other) = (self::client().await?, self::client().await?);
    other.batch_execute("CREATE TABLE migrated AS SELECT 1 AS a").await?;
    let statement = client.prepare("SELECT * FROM migrated").await?;
    let mut seen = vec![columns(&client, &statement).await, columns(&client, &statement).await];
    other.batch_execute("ALTER TABLE migrated ADD COLUMN b int").await?;
    seen.extend([columns(&client, &statement).await, columns(&client, &statement).await]);
    Ok(seen.join(", "))
}

#[tokio::main]
async fn main() {
    let mut checks = Checks::default();
    checks.run("verify-full", verify_full()).await;
    checks.run("another CA", other_ca()).await;
    checks.run("another host name", other_host()).await;
    checks.run("plaintext", plaintext()).await;
    checks.run("wrong token", login(env("PGPASSWORD") + "x")).await;
    checks.run("expired token", login(env("INTEROP_EXPIRED_TOKEN"))).await;
    checks.run("fresh token", fresh_token()).await;
    checks.run("wake", wake()).await;
    checks.run("crash in a transaction", crash()).await;
    checks.run("cancel", cancel()).await;
    checks.run("50 at once", at_once()).await;
    checks.run("COPY in", copy_in()).await;
    checks.run("COPY out", copy_out()).await;
    checks.run("prepared over a migration", prepared()).await;
    checks.end()
}
