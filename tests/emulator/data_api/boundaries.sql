-- What lies next to what is exposed: rows of others, a schema that is not in db_schemas, and ways that might lead there.
GRANT USAGE ON SCHEMA hidden TO readers;
GRANT ALL ON ALL TABLES IN SCHEMA hidden TO readers;
CREATE TYPE hidden.mood AS ENUM ('glad');
CREATE TEXT SEARCH CONFIGURATION hidden.words (COPY = pg_catalog.english);
CREATE TABLE letters (
  id int PRIMARY KEY, owner text NOT NULL DEFAULT current_user, body text, secret_id int REFERENCES hidden.secrets,
  tags text[], data jsonb, answer_to int REFERENCES letters, UNIQUE (body));
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON letters USING (owner = current_user) WITH CHECK (owner = current_user);
INSERT INTO letters VALUES
  (1, '11111111-1111-1111-1111-111111111111', 'one a', 1, '{hidden.secrets}', '{"k": "v"}', NULL),
  (2, '11111111-1111-1111-1111-111111111111', 'one b', 1, '{}', NULL, 1),
  (3, '22222222-2222-2222-2222-222222222222', 'two a', 1, '{}', NULL, 1);
CREATE TABLE stamps (id int PRIMARY KEY, letter_id int REFERENCES letters, price int CHECK (price > 0));
INSERT INTO stamps VALUES (1, 1, 10), (3, 3, 30);
CREATE TABLE moods (id int PRIMARY KEY, mood hidden.mood);
CREATE FUNCTION letters_now() RETURNS SETOF letters LANGUAGE sql STABLE AS $$SELECT * FROM letters$$;
CREATE FUNCTION letters_ever() RETURNS bigint LANGUAGE sql STABLE AS $$SELECT count(*) FROM letters$$;
-- Its plan is kept in the session, which the other uses next.
CREATE FUNCTION letters_planned() RETURNS text LANGUAGE plpgsql STABLE AS
  $$BEGIN RETURN (SELECT string_agg(body, ', ' ORDER BY id) FROM letters); END$$;
CREATE FUNCTION first_line(letters) RETURNS text LANGUAGE sql STABLE AS $$SELECT $1.body || (SELECT count(*) FROM letters)$$;
CREATE FUNCTION hidden.word(letters) RETURNS text LANGUAGE sql STABLE AS $$SELECT 'secret'$$;
CREATE FUNCTION hidden.its_secret(letters) RETURNS SETOF hidden.secrets ROWS 1 LANGUAGE sql STABLE AS
  $$SELECT * FROM hidden.secrets WHERE id = $1.secret_id$$;
CREATE FUNCTION public.of_secret(hidden.secrets) RETURNS text LANGUAGE sql STABLE AS $$SELECT $1.word$$;
CREATE FUNCTION write_twice(n int) RETURNS void LANGUAGE sql AS
  $$INSERT INTO stamps VALUES (n, NULL, 1); INSERT INTO stamps VALUES (n, NULL, 1)$$;
CREATE FUNCTION write_many(n int) RETURNS SETOF int LANGUAGE sql AS
  $$INSERT INTO stamps SELECT i, NULL, 1 FROM generate_series(n, n + 2) i RETURNING id$$;
CREATE FUNCTION stamped() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE PROCEDURE clean_up() LANGUAGE sql AS $$DELETE FROM stamps$$;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
GRANT ALL ON letters, stamps, moods TO readers;
CREATE SCHEMA shop;
CREATE TYPE public.size AS ENUM ('small', 'large');
CREATE TABLE shop.shirts (id int PRIMARY KEY, size public.size DEFAULT 'small'::public.size, letter_id int REFERENCES letters);
INSERT INTO shop.shirts VALUES (1, 'large', 1);
CREATE FUNCTION shop.smallest() RETURNS public.size LANGUAGE sql STABLE AS $$SELECT min(size) FROM shop.shirts$$;
CREATE FUNCTION shop.of_size(wanted public.size) RETURNS SETOF shop.shirts LANGUAGE sql STABLE AS
  $$SELECT * FROM shop.shirts WHERE size = wanted$$;
GRANT USAGE ON SCHEMA shop TO readers;
GRANT ALL ON shop.shirts TO readers;
NOTIFY pgrst, 'reload schema';
