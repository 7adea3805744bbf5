// The checks with the service's own driver, which gives a pool of node-postgres and asks the workspace for its tokens.
import { createLakebasePool } from '@databricks/lakebase';

import { main } from './checks.mjs';
import { poolChecks } from './pool_checks.mjs';

// A bare PostgreSQL has no workspace.
const password = process.env.LAKEBASE_ENDPOINT ? undefined : process.env.PGPASSWORD;
// It does not know `verify-full`; TLS is what `ssl` says.
const always = { password, sslMode: 'require', logger: {} };

await main(poolChecks((options) => createLakebasePool({ ...always, ...options }), {}));
