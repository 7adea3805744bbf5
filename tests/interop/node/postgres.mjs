// The checks with postgres.js.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import postgres from 'postgres';

import {
  control, copyLines, countLines, expiredToken, failure, main, notNamed, notTrusted, otherCA, otherHost, otherName,
  overMigration, refused, sessions, verified, wrongToken,
} from './checks.mjs';

/** Runs a function with a client, which takes what it is not given from the PG variables, and ends it afterwards. */
async function withSql(options, run) {
  const sql = postgres({ ssl: verified, max: 1, ...options });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function connect(options) {
  await withSql(options, (sql) => sql`SELECT 1`);
}

async function pid(sql) {
  return (await sql`SELECT pg_backend_pid() AS pid`)[0].pid;
}

await main({
  'verify-full': () => connect({}),
  'another CA': () => notTrusted(connect({ ssl: otherCA })),
  'another host name': () => notNamed(connect({ ...otherHost, ssl: otherName })),
  plaintext: async () => (await failure(connect({ ssl: false }))).code,
  'wrong token': () => refused(connect({ password: wrongToken })),
  'expired token': () => refused(connect({ password: expiredToken })),
  'fresh token': () => connect({ password: () => control('token') }),
  wake: async () => {
    let closed;
    const lost = new Promise((resolve) => { closed = resolve; });
    await withSql({ onclose: () => closed() }, async (sql) => {
      await sql`SELECT 1`;
      await control('suspend');
      await lost;
      await sql`SELECT 1`;
    });
  },
  'crash in a transaction': () => withSql({}, async (sql) => {
    await sql`CREATE TABLE crashes (n int)`;
    let crashed;
    const error = await failure(sql.begin(async (transaction) => {
      await transaction`INSERT INTO crashes VALUES (1)`;
      crashed = control('crash');
      // `begin` ends by itself. On a lost connection each statement, the driver's ROLLBACK too, is an uncaught TypeError.
      await new Promise(() => {});
    }));
    await crashed;
    assert.equal((await sql`SELECT count(*) FROM crashes`)[0].count, '0');
    return error.code;
  }),
  cancel: () => withSql({}, async (sql) => {
    const before = await pid(sql);
    const query = sql`SELECT pg_sleep(60)`;
    const ended = failure(query.execute());
    await control('asleep');
    await query.cancel();
    const error = await ended;
    return `${error.code} and ${(await pid(sql)) === before ? 'goes on' : 'closed'}`;
  }),
  '50 at once': () => withSql({ max: sessions }, async (sql) => {
    const reserved = await Promise.all(Array.from({ length: sessions }, () => sql.reserve()));
    const results = await Promise.all(reserved.map((session, n) => session`SELECT ${n}::int AS n`));
    reserved.forEach((session) => session.release());
    return `sum ${results.reduce((sum, [row]) => sum + row.n, 0)}`;
  }),
  'COPY in': () => withSql({}, async (sql) => {
    await sql`CREATE TABLE copied (n int, word text)`;
    await pipeline(Readable.from(copyLines()), await sql`COPY copied FROM STDIN`.writable());
    return `${(await sql`SELECT count(*) FROM copied`)[0].count} rows`;
  }),
  'COPY out': () => withSql({}, async (sql) => `${await countLines(await sql`COPY copied TO STDOUT`.readable())} lines`),
  // It prepares statements by itself, and does so again when PostgreSQL says that the result has changed.
  'prepared over a migration': () => withSql({}, async (sql) => {
    await sql`CREATE TABLE migrated AS SELECT 1 AS a`;
    const columns = async () => (await sql`SELECT * FROM migrated`).columns.length;
    return overMigration(columns, () => withSql({}, (other) => other`ALTER TABLE migrated ADD COLUMN b int`));
  }),
});
