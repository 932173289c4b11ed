// The calls of mmctl, command by command, as a server that logged them saw them: with
// its headers, its order and its bodies. mmctl itself is in no registry.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { adminPassword, password, startServer } from './server.mjs';

const commands = JSON.parse(readFileSync(new URL('mmctl.json', import.meta.url))).commands;
const known = { adminPassword, password }; // what a call's {name} stands for

let url;
before(async () => { url = await startServer(); });

// fill puts known values into every text of a call.
function fill(value) {
  const text = JSON.stringify(value).replace(/\{(\w+)\}/g, (whole, name) => {
    assert.ok(name in known, `nothing was saved as ${name}`);
    return known[name];
  });
  return JSON.parse(text);
}

// send sends one call as mmctl does: no Content-Type, an empty If-None-Match.
async function send(call) {
  const headers = { 'User-Agent': 'mmctl/11.6.0 (linux)', 'If-None-Match': '' };
  if (known.secret) headers.Authorization = `BEARER ${known.secret}`;
  const answer = await fetch(url + call.path, {
    method: call.method, headers, redirect: 'manual',
    body: call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body)),
  });
  const text = await answer.text();
  const isJSON = answer.headers.get('Content-Type')?.startsWith('application/json');
  return { status: answer.status, headers: answer.headers, body: isJSON ? JSON.parse(text) : text };
}

// field returns a field of an answer: a path of names and numbers, with dots between,
// or the header after "header:".
function field(answer, path) {
  if (path.startsWith('header:')) return answer.headers.get(path.slice(7));
  return path.split('.').reduce((value, key) => value?.[key], answer.body);
}

for (const { command, calls } of commands) {
  test(`mmctl ${command}`, async () => {
    for (const raw of calls) {
      const call = fill(raw);
      const answer = await send(call);
      const what = `${call.method} ${call.path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
      assert.ok([].concat(call.status ?? 200).includes(answer.status), what);
      for (const [path, want] of Object.entries(call.has ?? {})) assert.deepEqual(field(answer, path), want, `${path} of ${what}`);
      for (const [name, path] of Object.entries(raw.save ?? {})) {
        known[name] = field(answer, path);
        assert.ok(known[name], `no ${path} in ${what}`);
      }
    }
  });
}
