//! Projects, branches and connections of the workspace that the environment names.
use std::env::var;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{process, thread, time::Duration};

use openssl::ssl::{SslConnector, SslMethod};
use postgres::{Client, Config};
use postgres_openssl::MakeTlsConnector;
use serde_json::{json, Value};

/// Sends a request, a POST if there is a body, and waits for the end of an operation.
pub fn call(path: &str, body: Option<Value>) -> Value {
    let url = format!("{}/api/2.0/{path}", var("DATABRICKS_HOST").unwrap());
    let token = format!("Bearer {}", var("DATABRICKS_TOKEN").unwrap());
    let response = match &body {
        Some(body) => ureq::post(&url).header("Authorization", &token).send_json(body),
        None => ureq::get(&url).header("Authorization", &token).call(),
    };
    if let Err(ureq::Error::StatusCode(409)) = response {
        thread::sleep(Duration::from_millis(50)); // a project runs one operation at a time
        return call(path, body);
    }
    let result: Value = response.unwrap().body_mut().read_json().unwrap();
    assert!(result.get("error").is_none(), "{result}");
    match result["name"].as_str() {
        Some(name) if name.contains("/operations/") && result["done"] != true => {
            thread::sleep(Duration::from_millis(50));
            call(&format!("postgres/{name}"), None)
        }
        _ => result,
    }
}

fn unique(kind: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{kind}-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn new_project() -> String {
    let id = unique("run");
    call(&format!("postgres/projects?project_id={id}"), Some(json!({})));
    format!("projects/{id}")
}

pub fn new_branch(project: &str) -> String {
    let id = unique("test");
    call(&format!("postgres/{project}/branches?branch_id={id}"), Some(json!({"spec": {"ttl": "3600s"}})));
    format!("{project}/branches/{id}")
}

pub fn connect(branch: &str) -> Client {
    let endpoint = &call(&format!("postgres/{branch}/endpoints"), None)["endpoints"][0];
    let credential = call("postgres/credentials", Some(json!({"endpoint": endpoint["name"]})));
    let mut tls = SslConnector::builder(SslMethod::tls()).unwrap();
    tls.set_ca_file(var("PGSSLROOTCERT").unwrap()).unwrap();
    Config::new()
        .host(endpoint["status"]["hosts"]["host"].as_str().unwrap())
        .port(var("PGPORT").unwrap().parse().unwrap())
        .user(call("preview/scim/v2/Me", None)["userName"].as_str().unwrap())
        .password(credential["token"].as_str().unwrap())
        .dbname("databricks_postgres")
        .connect(MakeTlsConnector::new(tls.build()))
        .unwrap()
}
