// The checks with a pool of node-postgres.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

import {
  control, copyLines, countLines, expiredToken, failure, notNamed, notTrusted, otherCA, otherHost, otherName, overMigration,
  refused, rows, sessions, verified, wrongToken,
} from './checks.mjs';

/**
 * @param makePool gives a pool for `options`, which takes what it is not given from the PG variables
 * @param fresh options of a pool that asks for a token as it connects
 */
export function poolChecks(makePool, fresh) {
  /** Runs a function with a pool, which ends afterwards. */
  async function withPool(options, run) {
    const pool = makePool({ ssl: verified, ...options });
    pool.on('error', () => {});
    try {
      return await run(pool);
    } finally {
      await pool.end();
    }
  }

  /** As withPool, with a connection of the pool. */
  async function withClient(options, run) {
    return withPool(options, async (pool) => {
      const client = await pool.connect();
      client.on('error', () => {});
      try {
        return await run(client, pool);
      } finally {
        client.release(true);
      }
    });
  }

  async function connect(options) {
    await withPool(options, (pool) => pool.query('SELECT 1'));
  }

  async function statementTimeout() {
    return withClient({ statement_timeout: 200 }, async (client) => {
      const error = await failure(client.query('SELECT pg_sleep(60)'));
      await client.query('SELECT 1');
      return error.code;
    });
  }

  async function cancelRequest() {
    return withClient({}, async (client) => {
      const Client = client.constructor;
      const ended = new Promise((resolve) => {
        const query = new Client.Query('SELECT pg_sleep(60)', resolve);
        client.query(query);
        // It sends the request in plaintext.
        control('asleep').then(() => new Client({ ssl: false }).cancel(client, query), resolve);
      });
      const error = await ended;
      await client.query('SELECT 1');
      return error.code;
    });
  }

  return {
    'verify-full': () => connect({}),
    'another CA': () => notTrusted(connect({ ssl: otherCA })),
    'another host name': () => notNamed(connect({ ...otherHost, ssl: otherName })),
    plaintext: async () => (await failure(connect({ ssl: false }))).code,
    'wrong token': () => refused(connect({ password: wrongToken })),
    'expired token': () => refused(connect({ password: expiredToken })),
    'fresh token': () => connect(fresh),
    wake: () => withPool({}, async (pool) => {
      await pool.query('SELECT 1');
      const lost = once(pool, 'error');
      await control('suspend');
      const [error] = await lost;
      await pool.query('SELECT 1');
      return error.code;
    }),
    'crash in a transaction': () => withClient({}, async (client, pool) => {
      await client.query('CREATE TABLE crashes (n int)');
      await client.query('BEGIN');
      await client.query('INSERT INTO crashes VALUES (1)');
      await control('crash');
      await failure(client.query('SELECT 1'));
      assert.equal((await pool.query('SELECT count(*) FROM crashes')).rows[0].count, '0');
    }),
    cancel: async () => {
      const ways = [await cancelRequest(), await statementTimeout()];
      return `${ways[0]} and goes on, with statement_timeout ${ways[1]} and goes on`;
    },
    '50 at once': () => withPool({ max: sessions }, async (pool) => {
      const clients = await Promise.all(Array.from({ length: sessions }, () => pool.connect()));
      const results = await Promise.all(clients.map((client, n) => client.query('SELECT $1::int AS n', [n])));
      clients.forEach((client) => client.release());
      return `sum ${results.reduce((sum, result) => sum + result.rows[0].n, 0)}`;
    }),
    'COPY in': () => withClient({}, async (client) => {
      await client.query('CREATE TABLE copied (n int, word text)');
      const sink = client.query(copyFrom('COPY copied FROM STDIN'));
      await pipeline(Readable.from(copyLines()), sink);
      assert.equal(sink.rowCount, rows);
      return `${sink.rowCount} rows`;
    }),
    'COPY out': () => withClient({}, async (client) => {
      return `${await countLines(client.query(copyTo('COPY copied TO STDOUT')))} lines`;
    }),
    'prepared over a migration': () => withClient({}, async (client, pool) => {
      await pool.query('CREATE TABLE migrated AS SELECT 1 AS a');
      const columns = async () => (await client.query({ name: 'all', text: 'SELECT * FROM migrated' })).fields.length;
      return overMigration(columns, () => pool.query('ALTER TABLE migrated ADD COLUMN b int'));
    }),
  };
}
