// What the tools of lakebase-mcp do for a client, at an emulator: tools.mjs (v1 | legacy | auto | VERSION) (URL | SERVER)
import assert from 'node:assert/strict';

const [mode, target] = process.argv.slice(2);
const http = target.startsWith('http');
const capabilities = { elicitation: {} };
let answer; // of the person whom the client asks
let asked = 0;

async function connectV1() {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const { ElicitRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
  const client = new Client({ name: 'check', version: '1' }, { capabilities });
  client.setRequestHandler(ElicitRequestSchema, async () => (asked++, answer));
  await client.connect(http ? new StreamableHTTPClientTransport(new URL(target)) : new StdioClientTransport({ command: target, env: process.env }));
  return { client, call: (params, options) => client.callTool(params, undefined, options) };
}

async function connectV2() {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  const client = new Client({ name: 'check', version: '1' },
    { capabilities, versionNegotiation: { mode: /^\d/.test(mode) ? { pin: mode } : mode } });
  client.setRequestHandler('elicitation/create', async () => (asked++, answer));
  await client.connect(http ? new StreamableHTTPClientTransport(new URL(target)) : new StdioClientTransport({ command: target, env: process.env }));
  return { client, call: (params, options) => client.callTool(params, options) };
}

const { client, call } = mode === 'v1' ? await connectV1() : await connectV2();
const { tools } = await client.listTools();
assert.ok(tools.some(tool => tool.name === 'try_lakebase_change' && tool.outputSchema && tool.annotations.destructiveHint));

async function done(name, args, options) {
  const result = await call({ name, arguments: args }, options);
  assert.ok(!result.isError, JSON.stringify(result));
  return result.structuredContent;
}
async function refused(name, args, words) {
  const result = await call({ name, arguments: args });
  assert.ok(result.isError, JSON.stringify(result));
  assert.match(JSON.stringify(result.content), words);
}

// Unlike those of any other run.
const id = `p-${process.pid}-${Date.now().toString(36)}`;
const project = `projects/${id}`;
const production = `${project}/branches/production`;

// Projects: made with progress, shown, changed, listed.
const progress = [];
const made = await done('manage_lakebase_database', { action: 'create_or_update', name: id, type: 'autoscale' },
  { onprogress: note => progress.push(note.message) });
assert.equal(made.status, 'CREATED');
assert.ok(progress.some(message => message.startsWith(`creating the project ${id}: `)), JSON.stringify(progress));
assert.equal((await done('manage_lakebase_database', { action: 'get', name: project })).branches.length, 1);
assert.equal((await done('manage_lakebase_database', { action: 'create_or_update', name: project, display_name: 'New' })).status, 'UPDATED');
assert.ok((await done('manage_lakebase_database', { action: 'list', type: 'autoscale' })).databases.some(each => each.name === project));
await refused('manage_lakebase_database', { action: 'drop' }, /Invalid action 'drop'/);
await refused('manage_lakebase_database', { action: 'get', name: 'projects/none' }, /Database 'none' not found/);
await refused('manage_lakebase_database', { action: 'create_or_update', name: 'Not_Valid', type: 'autoscale' }, /Failed to create project 'Not_Valid'/);

// Branches.
const branch = { action: 'create_or_update', project_name: id, branch_id: 'dev' };
assert.equal((await done('manage_lakebase_branch', { ...branch, autoscaling_limit_min_cu: 1, autoscaling_limit_max_cu: 2 })).endpoint.max_cu, 2);
assert.equal((await done('manage_lakebase_branch', { ...branch, is_protected: true })).is_protected, true);
await refused('manage_lakebase_branch', { action: 'delete', name: `${project}/branches/dev` }, /protected/);
await done('manage_lakebase_branch', { ...branch, is_protected: false });
assert.equal((await done('diff_lakebase_schemas', { before: `${project}/branches/dev` })).diff.equal, true);
assert.equal((await done('manage_lakebase_branch', { action: 'delete', name: `${project}/branches/dev` })).status, 'deleted');
await refused('manage_lakebase_branch', { action: 'delete', name: `${project}/branches/dev` }, /not found/);

// Instances and synced tables.
const instance = `i-${id}`;
assert.equal((await done('manage_lakebase_database', { action: 'create_or_update', name: instance })).status, 'CREATING');
while ((await done('manage_lakebase_database', { action: 'get', name: instance })).state !== 'AVAILABLE');
const catalog = id.replaceAll('-', '_');
const sync = { action: 'create_or_update', instance_name: instance, source_table_name: 'main.raw.t', target_table_name: `${catalog}.public.t`, primary_key_columns: ['id'] };
assert.equal((await done('manage_lakebase_sync', sync)).created, true);
assert.equal((await done('manage_lakebase_sync', sync)).created, false);
assert.equal((await done('manage_lakebase_sync', { action: 'delete', table_name: sync.target_table_name, catalog_name: catalog })).catalog.status, 'deleted');
await refused('manage_lakebase_sync', { action: 'create_or_update' }, /requires: instance_name/);
assert.ok((await done('generate_lakebase_credential', { instance_names: [instance] })).token);
assert.ok((await done('generate_lakebase_credential', { endpoint: `${production}/endpoints/primary` })).token);
await refused('generate_lakebase_credential', {}, /Provide either instance_names/);
await refused('generate_lakebase_credential', { endpoint: 'projects/none/branches/b/endpoints/e' }, /not found/);
assert.equal((await done('manage_lakebase_database', { action: 'delete', name: instance })).status, 'deleted');

// Statements: rows, refusals, and one that is not waited for any more.
const query = (statement, options) => done('query_lakebase', { statement, target: project }, options);
assert.deepEqual((await query('SELECT 9007199254740993, true')).rows, [['9007199254740993', true]]);
await refused('query_lakebase', { statement: 'CREATE TABLE t (a int)', target: project }, /25006/);
const impatience = new AbortController();
setTimeout(() => impatience.abort(), 300);
await assert.rejects(query('SELECT pg_sleep(60)', { signal: impatience.signal }));
const asleep = async () => (await query("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'")).rows[0][0];
const latest = Date.now() + 20_000;
while (await asleep() !== 0) assert.ok(Date.now() < latest, 'it goes on although nobody waits for it');

// A change: declined, then confirmed.
const change = { script: 'CREATE TABLE made (id int PRIMARY KEY)', target: project };
answer = { action: 'decline' };
assert.equal((await done('try_lakebase_change', change)).status, 'DECLINED');
answer = { action: 'accept', content: { confirm: true } };
assert.equal((await done('try_lakebase_change', change)).status, 'APPLIED');
assert.equal(asked, 2);
assert.equal((await done('describe_lakebase', { target: project })).tables[0].name, 'made');

// Snapshots, doctor, resources, prompts.
const snapshot = { project_name: id, snapshot_id: 's' };
assert.equal((await done('snapshot_lakebase', { action: 'create', ...snapshot })).status, 'CREATED');
assert.equal((await done('snapshot_lakebase', { action: 'list', project_name: id })).snapshots.length, 1);
assert.equal((await done('snapshot_lakebase', { action: 'restore', branch_id: 'back', ...snapshot })).status, 'RESTORED');
assert.equal((await done('snapshot_lakebase', { action: 'delete', ...snapshot })).status, 'deleted');
await refused('snapshot_lakebase', { action: 'delete', ...snapshot }, /not found/);
assert.equal((await done('doctor_lakebase', { target: project })).healthy, true);
const { contents } = await client.readResource({ uri: `lakebase://${production}/schema` });
assert.match(contents[0].text, /"made"/);
assert.equal((await client.listPrompts()).prompts.length, 3);
assert.match(JSON.stringify(await client.getPrompt({ name: 'inspect_database', arguments: { target: project } })), /describe_lakebase/);

assert.equal((await done('manage_lakebase_database', { action: 'delete', name: project })).status, 'deleted');
await client.close();
console.log('all done');
process.exit(0);
