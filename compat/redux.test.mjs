// mattermost-redux, the state of Mattermost's web application, on its own store.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createRequire } from 'node:module';
import { adminPassword, password, startServer } from './server.mjs';

const require = createRequire(import.meta.url);
const { Client4 } = require('mattermost-redux/client');
const configureStore = require('mattermost-redux/store').default;
const users = require('mattermost-redux/actions/users');
const bots = require('mattermost-redux/actions/bots');
const roles = require('mattermost-redux/actions/roles');

let store;
let admin; // the first administrator, logged in

// done dispatches an action and returns its data.
async function done(action) {
  const result = await store.dispatch(action);
  assert.equal(result.error, undefined, result.error?.message);
  return result.data;
}

before(async () => {
  const url = await startServer();
  store = configureStore({ appReducers: {}, getAppReducers: () => ({}), preloadedState: {} });
  Client4.setUrl(url);
  await Client4.login('admin', adminPassword);
  admin = await Client4.getMe(); // the client learns the server's version, for which the state waits
});

test('loadMe fills the state', async () => {
  await done(users.loadMe());
  const { users: state, general, teams } = store.getState().entities;
  assert.equal(state.currentUserId, admin.id);
  assert.match(general.serverVersion, /^\d+\.\d+\.\d+/);
  assert.equal(general.config.EnableUserAccessTokens, 'true');
  assert.equal(general.license.IsLicensed, 'false');
  assert.deepEqual(teams.teams, {});
});

test('users', async () => {
  const u = await done(users.createUser({ username: 'ann', email: 'ann@example.com', password }, '', '', ''));
  assert.equal(store.getState().entities.users.profiles[u.id].username, 'ann');
  assert.ok((await done(users.getProfiles(0, 50))).length >= 2);
  await done(users.getProfilesByIds([u.id]));
  await done(users.getProfilesByUsernames(['ann']));
  await done(users.getUserByEmail('ann@example.com'));
  await done(users.searchProfiles('an'));
  await done(users.autocompleteUsers('an'));
  await done(users.getTotalUsersStats());
  await done(users.updateUserRoles(u.id, 'system_user system_user_access_token'));
  await done(users.patchUser({ id: u.id, nickname: 'A' }));
  await done(users.updateUserActive(u.id, false));
  await done(users.updateUserActive(u.id, true));
});

test('tokens', async () => {
  const made = await done(users.createUserAccessToken(admin.id, 'by redux'));
  assert.ok(made.token);
  assert.equal(store.getState().entities.users.myUserAccessTokens[made.id].description, 'by redux');
  await done(users.getUserAccessToken(made.id));
  await done(users.getUserAccessTokensForUser(admin.id));
  await done(users.disableUserAccessToken(made.id));
  assert.equal(store.getState().entities.users.myUserAccessTokens[made.id].is_active, false);
  await done(users.enableUserAccessToken(made.id));
  await done(users.revokeUserAccessToken(made.id));
  assert.equal(store.getState().entities.users.myUserAccessTokens[made.id], undefined);
});

test('sessions, roles and bots', async () => {
  assert.ok((await done(users.getSessions(admin.id))).length > 0);
  await done(users.getUserAudits(admin.id));
  assert.equal((await done(roles.getRolesByNames(['system_user', 'system_admin']))).length, 2);
  assert.equal((await done(roles.getRoleByName('system_user'))).name, 'system_user');
  const bot = await done(bots.createBot({ username: 'robo', display_name: 'Robo', description: '' }));
  await done(bots.loadBots());
  assert.equal(store.getState().entities.bots.accounts[bot.user_id].username, 'robo');
  await done(bots.disableBot(bot.user_id));
  await done(bots.enableBot(bot.user_id));
  await done(bots.assignBot(bot.user_id, admin.id));
  await done(users.revokeSessionsForAllUsers());
});
