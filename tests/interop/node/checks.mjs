// What the checks of the Node drivers share: see ../README.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const rows = 10_000;
export const sessions = 50;
const longestCheck = 60_000; // ms

const env = process.env;

/** TLS as `verify-full` has it. */
export const verified = { ca: readFileSync(env.PGSSLROOTCERT, 'utf8') };
export const otherCA = { ca: readFileSync(env.INTEROP_OTHER_CA, 'utf8') };
/** Some drivers check `localhost` if the host is an address, so the name is given. */
export const otherName = { ...verified, servername: 'elsewhere.test' };
export const otherHost = { host: env.INTEROP_OTHER_HOST, port: Number(env.INTEROP_OTHER_PORT) };
export const wrongToken = `${env.PGPASSWORD}x`;
export const expiredToken = env.INTEROP_EXPIRED_TOKEN;

/** Thrown by a check that the driver has no word for. */
export class None extends Error {}

/** Runs the checks in their order, prints a line for each, and ends the program. */
export async function main(checks) {
  for (const [name, run] of Object.entries(checks)) {
    try {
      const seen = await Promise.race([run(), timeout()]);
      console.log(seen === undefined ? `ok ${name}` : `ok ${name}: ${seen}`);
    } catch (error) {
      const reason = String(error.message || error.code).replaceAll('\n', ' ');
      console.log(`${error instanceof None ? 'none' : 'FAIL'} ${name}: ${reason}`);
      if (!(error instanceof None)) process.exitCode = 1;
    }
  }
  process.exit();
}

function timeout() {
  return new Promise((_, reject) => setTimeout(reject, longestCheck, new Error('it takes too long')).unref());
}

/** Asks something of the server: token, suspend, crash, or asleep. */
export async function control(what) {
  const response = await fetch(`${env.INTEROP_CONTROL}/${what}`);
  const text = await response.text();
  assert.ok(response.ok, text);
  return text;
}

/** The error of something that must fail. */
export async function failure(promise) {
  const outcome = await promise.then(() => undefined, (error) => error);
  assert.ok(outcome, 'it did not fail');
  return outcome;
}

/** Whether a connect failed on the certificate's chain, by the codes of OpenSSL. */
export async function notTrusted(promise) {
  assert.match((await failure(promise)).code, /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)/);
}

/** Whether a connect failed on the certificate's name. */
export async function notNamed(promise) {
  assert.equal((await failure(promise)).code, 'ERR_TLS_CERT_ALTNAME_INVALID');
}

/** Whether a login was refused in the server's words; the SQLSTATE that the driver tells. */
export async function refused(promise) {
  const error = await failure(promise);
  assert.ok(error.message.includes(env.INTEROP_REFUSAL), error.message);
  return error.code;
}

/** Rows of a COPY, as text. */
export function* copyLines() {
  for (let n = 0; n < rows; n++) yield `${n}\tword ${n}\n`;
}

export async function countLines(stream) {
  let lines = 0;
  for await (const chunk of stream) lines += String(chunk).split('\n').length - 1;
  return lines;
}

/** What a statement shows before and after a migration, each time twice: its columns, or the SQLSTATE. */
export async function overMigration(columns, migrate) {
  const seen = [];
  for (let times = 0; times < 4; times++) {
    if (times === 2) await migrate();
    seen.push(await columns().catch((error) => error.code));
  }
  return seen.join(', ');
}
