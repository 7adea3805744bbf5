-- What the suite's own SQL finds where its authors run it: roles, a schema for extensions, and rights by default.
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
GRANT anon TO authenticator;
CREATE SCHEMA extensions;
GRANT USAGE ON SCHEMA public, extensions TO anon;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO anon;
