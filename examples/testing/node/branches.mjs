// A project for the run, and for each test a branch of what `prepare` has made, with a client of it.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';

import pg from 'pg';

const env = process.env; // DATABRICKS_HOST, DATABRICKS_TOKEN, PGPORT and PGSSLROOTCERT

async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${env.DATABRICKS_TOKEN}` };
  const response = await fetch(`${env.DATABRICKS_HOST}/api/2.0/${path}`, { method, headers, body: JSON.stringify(body) });
  const json = await response.json();
  if (!response.ok) throw new Error(json.message);
  return json;
}

async function finish(operation) {
  while (!operation.done) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    operation = await call('GET', `postgres/${operation.name}`);
  }
  if (operation.error) throw new Error(operation.error.message);
}

async function connect(branch) {
  const [endpoint] = (await call('GET', `postgres/${branch}/endpoints`)).endpoints;
  const client = new pg.Client({
    host: endpoint.status.hosts.host,
    database: 'databricks_postgres',
    user: (await call('GET', 'preview/scim/v2/Me')).userName,
    password: (await call('POST', 'postgres/credentials', { endpoint: endpoint.name })).token,
    ssl: { ca: readFileSync(env.PGSSLROOTCERT, 'utf8') },
  });
  await client.connect();
  return client;
}

const unique = () => randomBytes(4).toString('hex');

/** @returns a function that runs a test with a client of a branch of its own */
export function branches(prepare) {
  const id = `run-${unique()}`;
  before(async () => {
    await finish(await call('POST', `postgres/projects?project_id=${id}`, {}));
    const client = await connect(`projects/${id}/branches/production`);
    await prepare(client).finally(() => client.end());
  });
  after(async () => finish(await call('DELETE', `postgres/projects/${id}?purge=true`)));
  return (run) => async () => {
    const branch = `test-${unique()}`;
    await finish(await call('POST', `postgres/projects/${id}/branches?branch_id=${branch}`, { spec: { ttl: '3600s' } }));
    const client = await connect(`projects/${id}/branches/${branch}`);
    await run(client).finally(() => client.end());
  };
}
