// mattermost-client, the client of Hubot's adapter and of other bots.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createRequire } from 'node:module';
import { adminPassword, caller, logIn, startServer } from './server.mjs';

process.env.MATTERMOST_USE_TLS = 'false';
const MattermostClient = createRequire(import.meta.url)('mattermost-client');
const quiet = { info() {}, debug() {}, error() {}, warning() {} };

let url;
before(async () => { url = await startServer(); });

// bot returns a client whose connection is not kept: there is no websocket here.
function bot() {
  const { hostname, port } = new URL(url);
  const c = new MattermostClient(hostname, 'team', { httpPort: port, wssPort: port, logger: quiet, autoReconnect: false });
  c.connect = () => {};
  c.reconnect = () => assert.fail('the client gave up and wanted to start again');
  return c;
}

// loaded resolves when the client has all that it asks for at log-in.
function loaded(c) {
  const events = ['loggedIn', 'meLoaded', 'preferencesLoaded', 'teamsLoaded', 'profilesLoaded'];
  c.on('error', () => {}); // of the channels, of which there are none
  return Promise.all(events.map((name) => new Promise((resolve) => { c.once(name, resolve); })));
}

test('log-in with a password', async () => {
  const c = bot();
  const all = loaded(c);
  c.login('admin', adminPassword, '');
  const [self, me, preferences, teams] = await all;
  assert.equal(self.username, 'admin');
  assert.equal(me.id, self.id);
  assert.ok(Array.isArray(preferences));
  assert.deepEqual(teams, []);
});

test('log-in with a token', async () => {
  const admin = await logIn(url, 'admin', adminPassword);
  const made = (await caller(url, admin.secret)('POST', `/users/${admin.id}/tokens`, { description: 'hubot' })).body;
  const c = bot();
  const all = loaded(c);
  c.tokenLogin(made.token);
  assert.equal((await all)[0].id, admin.id);
});
