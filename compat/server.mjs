// The real program, started once for each test file on a database of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const adminPassword = 'correct horse 1 staple';
export const password = 'Passw0rd!x1';

const program = process.env.JETON_PROGRAM;

// startServer returns the URL of a new server, which ends with the process.
export async function startServer(...flags) {
  if (!program) throw new Error('JETON_PROGRAM is not set: run "make test-compat"');
  const dir = mkdtempSync(join(tmpdir(), 'jeton-compat-'));
  const args = ['serve', '--listen', '127.0.0.1:0', '--db', join(dir, 'jeton.db'), '--enable-user-deletion', ...flags];
  const env = { PATH: process.env.PATH, JETON_ADMIN_PASSWORD: adminPassword, GORACE: 'atexit_sleep_ms=0' };
  const server = spawn(program, args, { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stderr.on('data', (text) => { log += text; });
  process.on('exit', () => {
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  });
  return new Promise((resolve, reject) => {
    server.on('exit', (code) => reject(new Error(`serve ended with ${code}: ${log}`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      const said = /Jeton serves (\S+)/.exec(line);
      if (!said) return;
      for (const handle of [server, server.stdout, server.stderr]) handle.unref(); // it does not keep the tests from ending
      resolve(said[1]);
    });
  });
}

// logIn returns the id and the secret of a new session.
export async function logIn(url, name, secret) {
  const answer = await fetch(`${url}/api/v4/users/login`, {
    method: 'POST', body: JSON.stringify({ login_id: name, password: secret }),
  });
  if (!answer.ok) throw new Error(`log-in of ${name}: ${answer.status} ${await answer.text()}`);
  return { id: (await answer.json()).id, secret: answer.headers.get('Token') };
}

// caller returns a function that asks the API with a credential.
export function caller(url, secret) {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v4${path}`, {
      method, headers: { Authorization: `Bearer ${secret}` }, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
  };
}
