// What a program does with @supabase/postgrest-js: each way to select, change and call.
import assert from 'node:assert/strict';
import { PostgrestClient } from '@supabase/postgrest-js';

const client = (token) =>
  new PostgrestClient(process.env.DATA_API, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
const one = client(process.env.TOKEN_ONE);
const two = client(process.env.TOKEN_TWO);
const nobody = client();

let count = 0;
async function expect(query, wanted, more = {}) {
  const { data, error, status, count: counted } = await query;
  count += 1;
  assert.equal(error, null, JSON.stringify(error));
  assert.deepEqual(data, wanted);
  if ('status' in more) assert.equal(status, more.status);
  if ('count' in more) assert.equal(counted, more.count);
}
async function refused(query, status, code) {
  const { error, status: seen, data } = await query;
  count += 1;
  assert.equal(data, null);
  assert.equal(seen, status, JSON.stringify(error));
  assert.equal(error.code, code);
}
const ids = (...numbers) => numbers.map((id) => ({ id }));
const films = () => one.from('films').select('id').order('id');

// Every operator.
await expect(films().eq('id', 1), ids(1));
await expect(films().neq('year', 1927), ids(2, 3, 4));
await expect(films().gt('year', 1931), ids(3, 4));
await expect(films().gte('year', 1931), ids(2, 3, 4));
await expect(films().lt('year', 1931), ids(1));
await expect(films().lte('year', 1931), ids(1, 2));
await expect(films().like('title', 'M%'), ids(1, 2));
await expect(films().ilike('title', 'm%'), ids(1, 2));
await expect(films().likeAllOf('title', ['M%', '%s']), ids(1));
await expect(films().likeAnyOf('title', ['M%', 'U%']), ids(1, 2, 5));
await expect(films().ilikeAllOf('title', ['m%', '%s']), ids(1));
await expect(films().ilikeAnyOf('title', ['m%', 'u%']), ids(1, 2, 5));
await expect(films().is('year', null), ids(5));
await expect(films().is('seen', true), ids(1, 4));
await expect(films().in('id', [1, 3]), ids(1, 3));
await expect(films().in('title', ['M', 'Cléo from 5 to 7']), ids(2, 3));
await expect(films().contains('tags', ['city']), ids(1, 3));
await expect(films().contains('data', { n: 5 }), ids(1));
await expect(films().containedBy('tags', ['crime', 'x']), ids(2, 4));
await expect(films().overlaps('tags', ['crime', 'paris']), ids(2, 3));
await expect(films().overlaps('shown', '[4,6)'), ids(1, 2, 5));
await expect(films().rangeLt('shown', '[15,40)'), ids(1, 5));
await expect(films().rangeGt('shown', '[1,6)'), ids(3));
await expect(films().rangeLte('shown', '[1,10)'), ids(1, 5));
await expect(films().rangeGte('shown', '[5,9)'), ids(2, 3));
await expect(films().rangeAdjacent('shown', '[10,20)'), ids(1, 3));
await expect(films().match({ year: 1931, seen: false }), ids(2));
await expect(films().not('id', 'in', '(1,3)'), ids(2, 4, 5));
await expect(films().or('id.eq.1,and(id.gt.3,year.not.is.null)'), ids(1, 4));
await expect(films().filter('data->>n', 'eq', '7'), ids(2));
await expect(films().eq('data->a->>b', 'x'), ids(1));
const texts = () => one.from('texts').select('id');
await expect(texts().textSearch('words', 'cat', { config: 'english' }), ids(1));
await expect(texts().textSearch('body', 'fat cats', { config: 'english', type: 'plain' }), ids(1));
await expect(texts().textSearch('words', 'fat cats', { config: 'english', type: 'phrase' }), ids(1));
await expect(texts().textSearch('words', 'rat -cat', { config: 'english', type: 'websearch' }), ids(2));

// Order, ranges, counts, one row, CSV.
await expect(one.from('films').select('id').order('year', { ascending: false, nullsFirst: false }).limit(2), ids(3, 4));
await expect(films().range(1, 2), ids(2, 3));
await expect(one.from('films').select('id', { count: 'exact' }).order('id').range(0, 1), ids(1, 2), { status: 206, count: 5 });
await expect(one.from('films').select('*', { count: 'exact', head: true }), null, { count: 5 });
await expect(films().eq('id', 1).single(), { id: 1 });
await expect(films().eq('id', 9).maybeSingle(), null);
await refused(films().single(), 406, 'PGRST116');
await expect(one.from('actors').select('id,name').order('id').limit(1).csv(), 'id,name\n1,Helm');

// Embedding.
await expect(one.from('films').select('title,directors(name)').eq('id', 1).single(),
  { title: 'Metropolis', directors: { name: 'Lang' } });
await expect(one.from('directors').select('name,films(title)').eq('id', 1).order('title', { referencedTable: 'films' }).single(),
  { name: 'Lang', films: [{ title: 'M' }, { title: 'Metropolis' }] });
await expect(one.from('directors').select('id,films(id)').order('id').limit(1).limit(1, { referencedTable: 'films' })
  .order('id', { referencedTable: 'films' }), [{ id: 1, films: ids(1) }]);
await expect(one.from('actors').select('name,films(directors(name))').eq('id', 3).single(),
  { name: 'Marchand', films: [{ directors: { name: 'Varda' } }] });
await expect(one.from('directors').select('id,films(id)').eq('films.year', 1927).not('films', 'is', null),
  [{ id: 1, films: ids(1) }]);
await expect(one.from('films').select('id').or('name.eq.Lang', { referencedTable: 'directors' }).select('id,directors(name)')
  .eq('id', 3), [{ id: 3, directors: null }]);
await refused(one.from('orders').select('addresses(city)'), 300, 'PGRST201');
await refused(one.from('films').select('directors!inner(name)'), 400, 'PGRST127');

// Changes.
await expect(one.from('items').insert({ name: 'a' }), null, { status: 201 });
await expect(one.from('items').insert([{ name: 'b', price: 1 }, { name: 'c' }], { defaultToNull: false }).select('name,price'),
  [{ name: 'b', price: 1 }, { name: 'c', price: 9.5 }], { status: 201 });
await expect(one.from('items').insert([{ name: 'd', price: 1 }, { name: 'e' }]).select('price'), [{ price: 1 }, { price: null }]);
await expect(one.from('items').upsert({ name: 'a', note: 'n' }, { onConflict: 'name' }).select('name,note').single(),
  { name: 'a', note: 'n' });
await expect(one.from('items').upsert({ name: 'a', note: 'x' }, { onConflict: 'name', ignoreDuplicates: true }).select('name'), []);
await expect(one.from('items').update({ note: 'm' }, { count: 'exact' }).in('name', ['a', 'b']), null, { status: 204, count: 2 });
await expect(one.from('items').update({ note: 'o' }).eq('name', 'c').select('name,note'), [{ name: 'c', note: 'o' }]);
await refused(one.from('items').update({ note: 'o' }), 400, '21000');
await refused(one.from('items').delete(), 400, '21000');
await refused(one.from('items').update({ note: 'p' }).in('name', ['a', 'b']).maxAffected(1), 400, 'PGRST124');
await expect(one.from('items').delete({ count: 'exact' }).eq('name', 'd'), null, { status: 204, count: 1 });
await expect(one.from('items').delete().eq('name', 'e').select('name'), [{ name: 'e' }]);
await refused(one.from('items').insert({ name: 'a' }), 409, '23505');
await refused(one.from('items').insert({ nam: 'a' }), 400, 'PGRST204');

// Calls.
await expect(one.rpc('add', { a: 1, b: 2 }), 3);
await expect(one.rpc('add', { a: 1, b: 5 }, { get: true }), 6);
await expect(one.rpc('films_of', { year_from: 1940 }).select('id').order('id', { ascending: false }).limit(1), ids(4));
await expect(one.rpc('double', { list: [1, 2] }), 6);
await expect(one.rpc('nothing'), null, { status: 204 });
await refused(one.rpc('absent'), 404, 'PGRST202');
await refused(one.rpc('fail', { state: 'P0001' }), 400, 'P0001');

// Who asks.
await expect(one.from('notes').select('id'), ids(1));
await expect(two.from('notes').select('id'), ids(2));
await expect(nobody.from('directors').select('id').order('id'), ids(1, 2, 3));
await refused(nobody.from('films').select('id'), 401, '42501');
await refused(one.from('absent').select(), 404, 'PGRST205');

console.log(`ok: ${count} queries`);
