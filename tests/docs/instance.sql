-- What an instance has when it is to become a project: see paste_guide.sh.
CREATE EXTENSION databricks_auth;
CREATE EXTENSION pg_trgm;
SELECT databricks_create_role('ann@example.com', 'USER');
CREATE ROLE readers;
CREATE ROLE reporting LOGIN CREATEDB;
GRANT readers TO reporting, "ann@example.com";
CREATE SCHEMA shop;
CREATE TYPE shop.size AS ENUM ('small', 'large');
CREATE TABLE shop.customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.orders (
  id serial PRIMARY KEY, customer bigint NOT NULL REFERENCES shop.customers, size shop.size, price numeric, note text,
  at timestamptz DEFAULT now());
CREATE INDEX ON shop.orders USING gin (note gin_trgm_ops);
CREATE VIEW shop.large AS SELECT * FROM shop.orders WHERE size = 'large';
INSERT INTO shop.customers (name) SELECT 'customer ' || n FROM generate_series(1, 100) n;
INSERT INTO shop.orders (customer, size, price, note)
  SELECT 1 + n % 100, CASE WHEN n % 3 = 0 THEN 'large' ELSE 'small' END::shop.size, n / 7.0, 'order ' || n
  FROM generate_series(1, 10000) n;
GRANT USAGE ON SCHEMA shop TO readers;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO readers;
GRANT reporting TO CURRENT_USER;
CREATE SCHEMA reports AUTHORIZATION reporting;
CREATE TABLE reports.daily (day date PRIMARY KEY, orders bigint);
ALTER TABLE reports.daily OWNER TO reporting;
