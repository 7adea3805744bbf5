//! The checks with sqlx and its pool.

use std::sync::Arc;

use futures_util::future::try_join_all;
use futures_util::TryStreamExt;
use interop::{control, copy_text, env, lines, not_trusted, refused, Checks, Seen, SESSIONS};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, Error, PgConnection, Row};
use tokio::sync::Barrier;

/// What is not given is taken from the PG variables.
fn options() -> PgConnectOptions {
    PgConnectOptions::new()
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(SESSIONS as u32).connect_lazy_with(options)
}

async fn connect() -> Result<PgConnection, Error> {
    options().connect().await
}

fn sqlstate(error: &Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    code.map_or_else(|| format!("no SQLSTATE: {error}"), |code| code.into_owned())
}

async fn verify_full() -> Seen {
    connect().await?.ping().await?;
    Ok(String::new())
}

async fn other_ca() -> Seen {
    not_trusted(options().ssl_root_cert(env("INTEROP_OTHER_CA")).connect().await)
}

async fn other_host() -> Seen {
    let elsewhere = options().host(&env("INTEROP_OTHER_HOST")).port(env("INTEROP_OTHER_PORT").parse()?);
    not_trusted(elsewhere.connect().await)
}

async fn plaintext() -> Seen {
    match options().ssl_mode(PgSslMode::Disable).connect().await {
        Ok(_) => Err("it connected".into()),
        Err(error) => Ok(sqlstate(&error)),
    }
}

async fn login(password: String) -> Seen {
    match options().password(&password).connect().await {
        Ok(_) => Err("it connected".into()),
        Err(error) => refused(&sqlstate(&error), &error),
    }
}

/// A pool is told of each new token.
async fn fresh_token() -> Seen {
    let pool = pool(options().password(&env("INTEROP_EXPIRED_TOKEN")));
    pool.set_connect_options(options().password(&control("token").await?));
    pool.acquire().await?.ping().await?;
    Ok(String::new())
}

async fn wake() -> Seen {
    let pool = pool(options());
    pool.acquire().await?.ping().await?;
    control("suspend").await?;
    sqlx::query("SELECT 1").execute(&pool).await?;
    Ok(String::new())
}

async fn crash() -> Seen {
    let pool = pool(options());
    sqlx::query("CREATE TABLE crashes (n int)").execute(&pool).await?;
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO crashes VALUES (1)").execute(&mut *transaction).await?;
    control("crash").await?;
    if sqlx::query("SELECT 1").execute(&mut *transaction).await.is_ok() || transaction.commit().await.is_ok() {
        return Err("the transaction goes on".into());
    }
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM crashes").fetch_one(&pool).await?;
    if rows != 0 {
        return Err(format!("{rows} rows").into());
    }
    Ok(String::new())
}

/// It sends no cancel requests; a session is opened with a timeout.
async fn cancel() -> Seen {
    let mut connection = options().options([("statement_timeout", "200ms")]).connect().await?;
    let ended = sqlx::query("SELECT pg_sleep(60)").execute(&mut connection).await;
    let error = ended.err().ok_or("it slept")?;
    connection.ping().await?;
    Ok(format!("with statement_timeout {} and goes on", sqlstate(&error)))
}

async fn at_once() -> Seen {
    let pool = pool(options());
    let all_open = Arc::new(Barrier::new(SESSIONS as usize));
    let queries = (0..SESSIONS).map(|n| {
        let (pool, all_open) = (pool.clone(), all_open.clone());
        async move {
            let mut connection = pool.acquire().await?;
            all_open.wait().await;
            sqlx::query_scalar::<_, i32>("SELECT $1::int").bind(n).fetch_one(&mut *connection).await
        }
    });
    Ok(format!("sum {}", try_join_all(queries).await?.iter().sum::<i32>()))
}

async fn copy_in() -> Seen {
    let mut connection = connect().await?;
    sqlx::query("CREATE TABLE copied (n int, word text)").execute(&mut connection).await?;
    let mut copy = connection.copy_in_raw("COPY copied FROM STDIN").await?;
    copy.send(copy_text().into_bytes()).await?;
    Ok(format!("{} rows", copy.finish().await?))
}

async fn copy_out() -> Seen {
    let mut connection = connect().await?;
    let stream = connection.copy_out_raw("COPY copied TO STDOUT").await?;
    let count = stream.try_fold(0, |count, chunk| async move { Ok(count + lines(&chunk)) }).await?;
    Ok(format!("{count} lines"))
}

async fn columns(connection: &mut PgConnection) -> String {
    match sqlx::query("SELECT * FROM migrated").fetch_one(connection).await {
        Ok(row) => row.len().to_string(),
        Err(error) => sqlstate(&error),
    }
}

/// It prepares statements by itself, and keeps them.
async fn prepared() -> Seen {
    let (mut connection, mut other) = (connect().await?, connect().await?);
    sqlx::query("CREATE TABLE migrated AS SELECT 1 AS a").execute(&mut other).await?;
    let mut seen = vec![columns(&mut connection).await, columns(&mut connection).await];
    sqlx::query("ALTER TABLE migrated ADD COLUMN b int").execute(&mut other).await?;
    seen.extend([columns(&mut connection).await, columns(&mut connection).await]);
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
