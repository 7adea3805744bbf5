//! The project is made by the first test that needs it; each test has a branch of it.
use std::sync::LazyLock;

use postgres::Client;

mod lakebase;

static PROJECT: LazyLock<String> = LazyLock::new(|| {
    let project = lakebase::new_project();
    lakebase::connect(&format!("{project}/branches/production"))
        .batch_execute(
            "CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL);
             INSERT INTO orders VALUES (1, 'tea')",
        )
        .unwrap();
    project
});

fn orders() -> Client {
    lakebase::connect(&lakebase::new_branch(&PROJECT))
}

#[test]
fn can_be_cancelled() {
    let mut orders = orders();
    orders.execute("DELETE FROM orders", &[]).unwrap();
    assert!(orders.query("SELECT * FROM orders", &[]).unwrap().is_empty());
}

#[test]
fn are_there_for_each_test() {
    let row = orders().query_one("SELECT item FROM orders", &[]).unwrap();
    assert_eq!(row.get::<_, String>(0), "tea");
}
