import assert from 'node:assert/strict';
import { test } from 'node:test';

import { branches } from './branches.mjs';

const withOrders = branches(async (client) => {
  await client.query('CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL)');
  await client.query("INSERT INTO orders VALUES (1, 'tea')");
});

test('orders can be cancelled', withOrders(async (client) => {
  await client.query('DELETE FROM orders');
  assert.equal((await client.query('SELECT * FROM orders')).rowCount, 0);
}));

test('orders are there for each test', withOrders(async (client) => {
  assert.deepEqual((await client.query('SELECT item FROM orders')).rows, [{ item: 'tea' }]);
}));
