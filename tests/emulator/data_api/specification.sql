-- The shapes that the public specification of PostgREST asks about, with names and rows of our own: gardens.
CREATE SCHEMA garden;
CREATE SCHEMA depot;
CREATE SCHEMA cellar;
SET search_path = garden;

CREATE TABLE gardens (id int PRIMARY KEY, name text NOT NULL, town text);
INSERT INTO gardens VALUES (1, 'Hillside', 'Bern'), (2, 'Riverbank', 'Graz'), (3, 'Fallow', NULL);
CREATE TABLE beds (id int PRIMARY KEY, garden_id int REFERENCES gardens, name text, area numeric(6, 2), sunny boolean);
INSERT INTO beds VALUES
  (1, 1, 'North', 10.50, false), (2, 1, 'South', 20.00, true), (3, 2, 'Shore', 15.25, NULL), (4, NULL, 'Loose', NULL, NULL);
CREATE TABLE plants (
  id int PRIMARY KEY, bed_id int REFERENCES beds, name text NOT NULL, height int, traits jsonb, colours text[],
  bloom int4range, planted date);
INSERT INTO plants VALUES
  (1, 2, 'Rose', 120, '{"scent": {"level": 3, "kind": "sweet"}, "pots": [4, 5, 6]}', '{red,white}', '[5,9)', '2020-03-01'),
  (2, 2, 'Thyme', 20, '{"scent": {"level": 5}}', '{violet}', '[6,8)', '2021-04-02'),
  (3, 3, 'Willow', 900, NULL, '{}', '[3,4)', '1999-11-05'),
  (4, 3, 'Iris', 80, '{"scent": null, "wet": true}', '{blue,violet}', '[5,6)', NULL),
  (5, NULL, 'Moss', NULL, '{}', NULL, NULL, NULL);
CREATE TABLE keepers (id int PRIMARY KEY, name text, mentor_id int REFERENCES keepers);
INSERT INTO keepers VALUES (1, 'Ada', NULL), (2, 'Ben', 1), (3, 'Cleo', 1), (4, 'Dan', 2);
CREATE TABLE care (keeper_id int REFERENCES keepers, plant_id int REFERENCES plants, hours int, PRIMARY KEY (keeper_id, plant_id));
INSERT INTO care VALUES (1, 1, 4), (1, 3, 2), (2, 1, 6), (3, 4, 1);
CREATE TABLE visits (
  keeper_id int, plant_id int, day date, note text, PRIMARY KEY (keeper_id, plant_id, day),
  CONSTRAINT visit_of_care FOREIGN KEY (keeper_id, plant_id) REFERENCES care);
INSERT INTO visits VALUES (1, 1, '2024-05-01', 'pruned'), (1, 1, '2024-06-01', 'watered'), (2, 1, '2024-05-03', 'fed');
CREATE TABLE tags (plant_id int PRIMARY KEY REFERENCES plants, latin text);
INSERT INTO tags VALUES (1, 'Rosa'), (3, 'Salix');
CREATE TABLE signs (id int PRIMARY KEY, bed_id int UNIQUE CONSTRAINT sign_of_bed REFERENCES beds, words text);
INSERT INTO signs VALUES (1, 1, 'Mind the step'), (2, 3, 'Deep water');
CREATE TABLE deliveries (
  id int PRIMARY KEY, from_garden int CONSTRAINT sender REFERENCES gardens, to_garden int CONSTRAINT receiver REFERENCES gardens);
INSERT INTO deliveries VALUES (1, 1, 2), (2, 2, 1);
CREATE TABLE teams (id int PRIMARY KEY, name text, lead_id int);
CREATE TABLE members (id int PRIMARY KEY, name text, team_id int CONSTRAINT member_of REFERENCES teams);
ALTER TABLE teams ADD CONSTRAINT led_by FOREIGN KEY (lead_id) REFERENCES members;
INSERT INTO teams VALUES (1, 'Soil', NULL);
INSERT INTO members VALUES (1, 'Eve', 1), (2, 'Flo', 1);
UPDATE teams SET lead_id = 2;
CREATE TABLE harvests (plant_id int REFERENCES plants, year int, kilos int, PRIMARY KEY (plant_id, year)) PARTITION BY RANGE (year);
CREATE TABLE harvests_old PARTITION OF harvests FOR VALUES FROM (1900) TO (2000);
CREATE TABLE harvests_new PARTITION OF harvests FOR VALUES FROM (2000) TO (2100);
INSERT INTO harvests VALUES (1, 1999, 3), (1, 2001, 8), (2, 2001, 1);
CREATE TABLE "Glass House" ("Pot Size" int PRIMARY KEY, "a.b" text, "(in)" text, "x->y::z" text, cost$ int, "snake-case" text, count int);
INSERT INTO "Glass House" VALUES (7, 'dot', 'paren', 'arrow', 100, 'dash', 1), (9, 'dot too', 'paren too', 'arrow too', 200, 'dash too', 2);
CREATE TABLE sayings (name text PRIMARY KEY);
INSERT INTO sayings VALUES ('Oak, tall'), ('plain'), ('say "ah"'), ('back\slash'), ('(paren)'), ('\'), ('"');
CREATE TABLE kinds (i int, t text, b boolean, y bytea, c char, d date, r real, h time);
INSERT INTO kinds VALUES (1, 'one', true, '\x01', 'a', '2024-01-01', 1.5, '10:00');
CREATE TABLE blanks (id int PRIMARY KEY, word text);
INSERT INTO blanks VALUES (1, ''), (2, 'x'), (3, NULL);
CREATE DOMAIN lexemes AS tsvector;
CREATE DOMAIN some_lexemes AS lexemes CHECK (length(VALUE) > 0);
CREATE TABLE pages (id int PRIMARY KEY, body text, doc jsonb, words tsvector, stems lexemes, deep some_lexemes);
INSERT INTO pages SELECT id, body, jsonb_build_object('body', body), to_tsvector(language, body), to_tsvector('simple', body), to_tsvector('simple', body) FROM (VALUES
  (1, 'english'::regconfig, 'The small bees visit roses'), (2, 'english', 'No bee likes rain'), (3, 'french', 'Les fleurs sont belles')) AS v(id, language, body);
CREATE TYPE point2 AS (x int, y int);
CREATE TABLE spots (id int PRIMARY KEY, at point2);
INSERT INTO spots VALUES (1, (3, 4)), (2, (1, 9));
CREATE TABLE grids (id int PRIMARY KEY, cells int[], deep int[]);
INSERT INTO grids VALUES (1, '{1,2,3}', '{{1,2},{3,4}}'), (2, '{11,12,13}', '{{11,12},{13,14}}');
CREATE TABLE lists (id int PRIMARY KEY, data json);
INSERT INTO lists VALUES (1, '[1, 2, {"k": "v"}]'), (2, '[[9, 8], [7]]'), (3, '{"odd!key": 3, "x-6": 1}');
CREATE TABLE moments (at timestamptz);
INSERT INTO moments VALUES ('2024-02-01 12:00+00');
CREATE TABLE bees (bees int PRIMARY KEY);
CREATE TABLE hives (hives int PRIMARY KEY, bees int REFERENCES bees);
INSERT INTO bees VALUES (1);
INSERT INTO hives VALUES (10, 1), (11, 1);
CREATE VIEW tall_plants AS SELECT id, bed_id, name, height FROM plants WHERE height >= 80;
CREATE VIEW beds_renamed AS SELECT id AS number, garden_id AS place, name FROM beds;
CREATE VIEW too_many AS SELECT (SELECT id FROM gardens) AS id;

CREATE TYPE mood AS ENUM ('calm', 'wild');
CREATE TABLE varied (i int PRIMARY KEY, f double precision, t varchar(20), b boolean, d date, m mood, a text[], j json);
CREATE TABLE stock (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text UNIQUE NOT NULL, amount int DEFAULT 5, note text);
INSERT INTO stock (name, amount) VALUES ('spade', 3), ('rake', 4), ('hoe', NULL);
CREATE TABLE doubled (a text, b text GENERATED ALWAYS AS (upper(a)) STORED);
CREATE TABLE slots (k1 int, k2 text, extra int, PRIMARY KEY (k1, k2));
INSERT INTO slots VALUES (1, 'a', 10), (1, 'b', 20);
CREATE TABLE keyless (a text, b text);
CREATE TABLE codes (id int PRIMARY KEY);
INSERT INTO codes VALUES (1), (2);
CREATE TABLE plots (line int, place int, what text, UNIQUE (line, place));
INSERT INTO plots VALUES (1, 1, 'leek');
CREATE TABLE auto (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, note text DEFAULT 'none');
CREATE TABLE fixed (b bit(5), c char(5));
INSERT INTO fixed VALUES ('00000', 'aaaaa');
CREATE TABLE jsons (id int PRIMARY KEY, data jsonb);
CREATE TABLE limits (n int CHECK (n < 10));
CREATE TABLE diary (id int PRIMARY KEY, owner text DEFAULT current_user, body text);
ALTER TABLE diary ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON diary USING (owner = current_user) WITH CHECK (owner = current_user);
INSERT INTO diary VALUES (1, '11111111-1111-1111-1111-111111111111', 'of one'), (2, '22222222-2222-2222-2222-222222222222', 'of two');
CREATE TABLE safes (id int PRIMARY KEY, shown text, kept text);
INSERT INTO safes VALUES (1, 'a', 'b'), (2, 'c', 'd');
CREATE TABLE drop_box (v text);
CREATE TABLE cellar.bottles (id int PRIMARY KEY, bed_id int REFERENCES beds);
CREATE TABLE depot.crates (id int PRIMARY KEY, name text);
INSERT INTO depot.crates VALUES (1, 'wood'), (2, 'wire');
CREATE TABLE depot.nails (id int PRIMARY KEY, crate_id int REFERENCES depot.crates, size int);
INSERT INTO depot.nails VALUES (1, 1, 40);
CREATE FUNCTION depot.heavy(lowest int) RETURNS SETOF depot.crates LANGUAGE sql STABLE AS $$SELECT * FROM depot.crates WHERE id >= lowest$$;

CREATE FUNCTION plus(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT a + b$$;
CREATE FUNCTION greet(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'Good day, ' || name$$;
CREATE FUNCTION quiet() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'nothing asked'$$;
CREATE FUNCTION plants_from(low int, high int) RETURNS SETOF plants LANGUAGE sql STABLE AS $$SELECT * FROM plants WHERE id > low AND id <= high ORDER BY id$$;
CREATE FUNCTION all_beds() RETURNS SETOF beds LANGUAGE sql STABLE AS $$SELECT * FROM beds ORDER BY id$$;
CREATE FUNCTION one_bed(id int) RETURNS beds LANGUAGE sql STABLE AS $$SELECT * FROM beds WHERE beds.id = $1$$;
CREATE FUNCTION below(id int) RETURNS SETOF plants LANGUAGE sql STABLE AS $$SELECT * FROM plants WHERE plants.id < $1 ORDER BY 1$$;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION as_positive(val int) RETURNS positive LANGUAGE sql IMMUTABLE AS $$SELECT val::positive$$;
CREATE FUNCTION here() RETURNS point2 LANGUAGE sql IMMUTABLE AS $$SELECT (10, 5)::point2$$;
CREATE FUNCTION nil() RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT NULL::int$$;
CREATE FUNCTION list() RETURNS int[] LANGUAGE sql IMMUTABLE AS $$SELECT ARRAY[1, 2, 3]$$;
CREATE FUNCTION rows_of_ints() RETURNS SETOF int LANGUAGE sql IMMUTABLE AS $$SELECT generate_series(1, 3)$$;
CREATE FUNCTION no_rows() RETURNS SETOF int LANGUAGE sql IMMUTABLE AS $$SELECT 1 WHERE false$$;
CREATE FUNCTION feel(val mood) RETURNS mood LANGUAGE sql IMMUTABLE AS $$SELECT val$$;
CREATE FUNCTION span(low int, up int) RETURNS int4range LANGUAGE sql IMMUTABLE AS $$SELECT int4range(low, up)$$;
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS $$$$;
CREATE FUNCTION one_out(num int, OUT next int) LANGUAGE sql IMMUTABLE AS $$SELECT num + 1$$;
CREATE FUNCTION in_and_out(INOUT num int) LANGUAGE sql IMMUTABLE AS $$SELECT num + 1$$;
CREATE FUNCTION outs(OUT a int, OUT b text) LANGUAGE sql IMMUTABLE AS $$SELECT 3, 'four'$$;
CREATE FUNCTION ins_and_outs(INOUT num int, INOUT word text, INOUT flag boolean DEFAULT true) LANGUAGE sql IMMUTABLE AS $$SELECT num, word, flag$$;
CREATE FUNCTION narrow() RETURNS TABLE (a text) LANGUAGE sql IMMUTABLE AS $$SELECT 'A'$$;
CREATE FUNCTION wide() RETURNS TABLE (a text, b text) LANGUAGE sql IMMUTABLE AS $$SELECT 'A', 'B'$$;
CREATE FUNCTION same() RETURNS TABLE (same text) LANGUAGE sql IMMUTABLE AS $$SELECT 'as its name'$$;
CREATE FUNCTION words_of(VARIADIC v text[] DEFAULT '{}') RETURNS text[] LANGUAGE sql IMMUTABLE AS $$SELECT v$$;
CREATE FUNCTION three(a int DEFAULT 1, b int DEFAULT 2, c int DEFAULT 3) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT a + b + c$$;
CREATE FUNCTION many() RETURNS int[] LANGUAGE sql IMMUTABLE AS $$SELECT ARRAY[7]$$;
CREATE FUNCTION many(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT a + b$$;
CREATE FUNCTION many(a text, b text, c text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT a || b || c$$;
CREATE FUNCTION either(arg int) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'int'$$;
CREATE FUNCTION either(arg text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'text'$$;
CREATE FUNCTION "Shout"("Word" text, low text) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT json_build_object('Word', "Word", 'low', low)$$;
CREATE FUNCTION kind_of(arg json) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT json_typeof(arg)$$;
CREATE FUNCTION takes_all(i int, f double precision, b boolean, d date, m mood, a text[], j jsonb DEFAULT '{}') RETURNS json LANGUAGE sql IMMUTABLE AS
  $$SELECT json_build_object('i', i, 'f', f, 'b', b, 'd', d, 'm', m, 'a', a, 'j', j)$$;
CREATE FUNCTION raw_json(json) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT $1$$;
CREATE FUNCTION raw_text(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT $1$$;
CREATE FUNCTION raw_int(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT $1$$;
CREATE FUNCTION named_json(data json) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT data$$;
CREATE FUNCTION mixed() RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION mixed(x int, y int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT x + y$$;
CREATE FUNCTION mixed(json) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT $1$$;
CREATE FUNCTION two_raw(json) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$;
CREATE FUNCTION two_raw(jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 2$$;
CREATE SEQUENCE calls;
CREATE FUNCTION count_call() RETURNS bigint LANGUAGE sql VOLATILE AS $$SELECT nextval('garden.calls')$$;
CREATE FUNCTION raise_pt() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE SQLSTATE 'PT402' USING MESSAGE = 'Pay first', DETAIL = 'Quota', HINT = 'Pay'; END$$;
CREATE FUNCTION raise_pt_odd() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE SQLSTATE 'PT40A' USING MESSAGE = 'Odd'; END$$;
CREATE FUNCTION raise_plain() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no'; END$$;
CREATE FUNCTION raise_assert() RETURNS void LANGUAGE plpgsql AS $$BEGIN ASSERT false; END$$;
CREATE FUNCTION raise_whole() RETURNS void LANGUAGE plpgsql AS $$BEGIN
  RAISE SQLSTATE 'PGRST' USING MESSAGE = '{"code": "77", "message": "m", "details": "d", "hint": "h"}', DETAIL = '{"status": 432, "headers": {"X-Own": "yes"}}'; END$$;
CREATE FUNCTION raise_broken() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE SQLSTATE 'PGRST' USING MESSAGE = 'no JSON', DETAIL = '{"status": 432, "headers": {}}'; END$$;
CREATE FUNCTION endless(n int) RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN garden.endless(n + 1); END$$;
CREATE FUNCTION header_of(name text) RETURNS text LANGUAGE sql STABLE AS $$SELECT current_setting('request.headers', true)::json ->> name$$;
CREATE FUNCTION method_of() RETURNS text LANGUAGE sql STABLE AS $$SELECT current_setting('request.method', true)$$;
CREATE FUNCTION own_status() RETURNS text LANGUAGE sql AS $$SELECT 'done' FROM set_config('response.status', '418', true)$$;
CREATE FUNCTION own_header() RETURNS text LANGUAGE sql AS $$SELECT 'done' FROM set_config('response.headers', '[{"X-Own": "yes"}]', true)$$;
CREATE FUNCTION drop_codes(lowest int) RETURNS SETOF codes LANGUAGE sql AS $$DELETE FROM garden.codes WHERE id >= lowest RETURNING *$$;
CREATE FUNCTION drop_quietly() RETURNS void LANGUAGE sql AS $$DELETE FROM garden.codes WHERE false$$;
CREATE FUNCTION loud(plants) RETURNS text LANGUAGE sql STABLE AS $$SELECT upper($1.name)$$;
CREATE FUNCTION kin(plants) RETURNS SETOF plants LANGUAGE sql STABLE AS $$SELECT * FROM garden.plants WHERE bed_id = $1.bed_id AND id <> $1.id$$;
CREATE FUNCTION its_garden(beds) RETURNS SETOF gardens ROWS 1 LANGUAGE sql STABLE AS $$SELECT * FROM garden.gardens WHERE id = $1.garden_id$$;

GRANT USAGE ON SCHEMA garden, depot TO readers, anonymous;
GRANT ALL ON ALL TABLES IN SCHEMA garden, depot TO readers;
GRANT ALL ON ALL SEQUENCES IN SCHEMA garden TO readers;
REVOKE ALL ON safes, drop_box FROM readers;
GRANT SELECT (id, shown), UPDATE, DELETE ON safes TO readers;
GRANT INSERT ON drop_box TO readers;
GRANT SELECT ON gardens TO anonymous;
