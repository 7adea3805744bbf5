//! What the checks of the Rust drivers share: see ../README.md.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many rows a COPY moves.
pub const ROWS: usize = 10_000;
/// How many are open at once.
pub const SESSIONS: i32 = 50;
const LONGEST_CHECK: Duration = Duration::from_secs(60);

pub type Failure = Box<dyn Error + Send + Sync>;
/// What a check saw.
pub type Seen = Result<String, Failure>;

/// The failure of a check that the driver has no word for.
#[derive(Debug)]
pub struct NoWord(pub &'static str);

impl fmt::Display for NoWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Error for NoWord {}

/// Runs checks one after the other, and prints a line for each.
#[derive(Default)]
pub struct Checks {
    failed: bool,
}

impl Checks {
    pub async fn run(&mut self, name: &str, check: impl Future<Output = Seen>) {
        let seen = tokio::time::timeout(LONGEST_CHECK, check).await;
        match seen.unwrap_or_else(|_| Err("it takes too long".into())) {
            Ok(seen) if seen.is_empty() => println!("ok {name}"),
            Ok(seen) => println!("ok {name}: {seen}"),
            Err(failure) if failure.is::<NoWord>() => println!("none {name}: {failure}"),
            Err(failure) => {
                self.failed = true;
                println!("FAIL {name}: {}", in_full(&*failure));
            }
        }
    }

    pub fn end(self) -> ! {
        std::process::exit(self.failed.into())
    }
}

pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// An error with its causes, in a line.
pub fn in_full(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text.replace('\n', " ")
}

/// Asks something of the server: token, suspend, crash, or asleep.
pub async fn control(what: &str) -> Result<String, Failure> {
    let url = env("INTEROP_CONTROL");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await?;
    stream.write_all(format!("GET /{what} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or("no response of a control")?;
    if head.split(' ').nth(1) != Some("200") {
        return Err(body.into());
    }
    Ok(body.into())
}

/// Whether a connect failed on the certificate.
pub fn not_trusted<T>(outcome: Result<T, impl Error + Send + Sync + 'static>) -> Seen {
    match outcome {
        Ok(_) => Err("it connected".into()),
        Err(error) if in_full(&error).contains("certificate verify failed") => Ok(String::new()),
        Err(error) => Err(Box::new(error)),
    }
}

/// Whether a login was refused in the server's words, by the SQLSTATE that the driver tells.
pub fn refused(code: &str, error: &(dyn Error + 'static)) -> Seen {
    let shown = in_full(error);
    if shown.contains(&env("INTEROP_REFUSAL")) {
        Ok(code.into())
    } else {
        Err(shown.into())
    }
}

pub fn copy_text() -> String {
    (0..ROWS).map(|n| format!("{n}\tword {n}\n")).collect()
}

pub fn lines(chunk: &[u8]) -> usize {
    chunk.iter().filter(|byte| **byte == b'\n').count()
}
