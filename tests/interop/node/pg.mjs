// The checks with node-postgres, whose password may be a function.
import pg from 'pg';

import { control, main } from './checks.mjs';
import { poolChecks } from './pool_checks.mjs';

await main(poolChecks((options) => new pg.Pool(options), { password: () => control('token') }));
