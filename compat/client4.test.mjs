// @mattermost/client, the client of Mattermost's web application.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import client from '@mattermost/client';
import { adminPassword, password, startServer } from './server.mjs';

let url;
let admin; // the client of the first administrator

function newClient(secret = '') {
  const c = new client.Client4();
  c.setUrl(url);
  c.setToken(secret);
  return c;
}

// refused asserts that a call fails with a status and an error id.
async function refused(call, status, id) {
  await assert.rejects(call, (e) => {
    assert.equal(e.status_code, status, e.message);
    assert.equal(e.server_error_id, id);
    return true;
  });
}

before(async () => {
  url = await startServer();
  admin = newClient();
  await admin.login('admin', adminPassword);
});

test('the version of the server is learnt', async () => {
  await admin.getMe();
  assert.match(admin.getServerVersion(), /^\d+\.\d+\.\d+/);
});

test('log-in by name, by e-mail, by id, and log-out', async () => {
  const u = await admin.createUser({ username: 'ann', email: 'ann@example.com', password }, '', '');
  for (const name of ['ann', 'ANN', 'ann@example.com']) {
    const c = newClient();
    assert.equal((await c.login(name, password)).id, u.id);
    assert.equal((await c.getMe()).username, 'ann');
    await c.logout();
    await refused(c.getMe(), 401, 'api.context.session_expired.app_error');
  }
  assert.equal((await newClient().loginById(u.id, password)).id, u.id);
  await refused(newClient().login('ann', 'wrong password'), 401, 'api.user.login.invalid_credentials_email_username');
  await refused(newClient().login('ann', ''), 400, 'api.user.login.blank_pwd.app_error');
});

test('tokens: create, read, use, disable, enable, revoke', async () => {
  const u = await admin.createUser({ username: 'tom', email: 'tom@example.com', password }, '', '');
  const session = newClient();
  await session.login('tom', password);
  await refused(session.createUserAccessToken(u.id, 'mine'), 403, 'api.context.permissions.app_error');
  assert.equal((await admin.updateUserRoles(u.id, 'system_user system_user_access_token')).status, 'OK');

  const made = await session.createUserAccessToken(u.id, 'mine');
  assert.ok(made.token);
  const bot = newClient(made.token);
  assert.equal((await bot.getMe()).id, u.id);
  const read = await session.getUserAccessToken(made.id);
  assert.deepEqual([read.description, read.is_active, read.token], ['mine', true, undefined]);
  assert.equal((await session.getUserAccessTokensForUser(u.id)).length, 1);
  assert.ok((await admin.getUserAccessTokens()).some((t) => t.id === made.id));
  await refused(session.getUserAccessTokens(), 403, 'api.context.permissions.app_error');

  await session.disableUserAccessToken(made.id);
  await refused(bot.getMe(), 401, 'api.context.session_expired.app_error');
  await session.enableUserAccessToken(made.id);
  assert.equal((await bot.getMe()).id, u.id);
  await session.revokeUserAccessToken(made.id);
  await refused(bot.getMe(), 401, 'api.context.session_expired.app_error');
  await refused(session.getUserAccessToken(made.id), 404, 'app.user_access_token.get_by_user.app_error');
});

test('tokens that expire', async () => {
  const me = await admin.getMe();
  const soon = Date.now() + 60_000;
  const made = await admin.createUserAccessToken(me.id, 'soon', soon);
  assert.equal(made.expires_at, soon);
  assert.equal((await admin.getUserAccessToken(made.id)).expires_at, soon);
  await refused(admin.createUserAccessToken(me.id, 'past', Date.now() - 1000), 400, 'app.user_access_token.expires_at_in_past.app_error');
});

test('users: create, read, find, change, deactivate', async () => {
  const u = await admin.createUser({ username: 'Una', email: 'Una@Example.com', password, email_verified: true }, '', '');
  assert.deepEqual([u.username, u.email, u.email_verified], ['una', 'una@example.com', true]);
  assert.equal((await admin.getUser(u.id)).username, 'una');
  assert.equal((await admin.getUserByUsername('una')).id, u.id);
  assert.equal((await admin.getUserByEmail('una@example.com')).id, u.id);
  assert.equal((await admin.getProfilesByIds([u.id]))[0].id, u.id);
  assert.equal((await admin.getProfilesByUsernames(['una']))[0].id, u.id);
  assert.ok((await admin.getProfiles(0, 100)).some((p) => p.id === u.id));
  assert.deepEqual((await admin.getProfiles(0, 10, { roles: 'system_admin,system_manager' })).map((p) => p.username), ['admin']);
  assert.equal((await admin.searchUsers('un', {}))[0].id, u.id);
  assert.ok((await admin.autocompleteUsers('un', '', '')).users.some((p) => p.id === u.id));
  assert.deepEqual(await admin.getKnownUsers(), []);
  const total = (await admin.getTotalUsersStats()).total_users_count;
  assert.ok(total >= 2);

  assert.equal((await admin.patchUser({ id: u.id, nickname: 'U' })).nickname, 'U');
  const zone = { useAutomaticTimezone: 'false', manualTimezone: 'Europe/Athens', automaticTimezone: '' };
  await admin.patchUser({ id: u.id, timezone: zone });
  assert.deepEqual((await admin.getUser(u.id)).timezone, zone);
  await admin.updateUserActive(u.id, false);
  assert.ok((await admin.getUser(u.id)).delete_at > 0);
  assert.equal((await admin.getTotalUsersStats()).total_users_count, total - 1);
  await admin.updateUserActive(u.id, true);
  await refused(admin.createUser({ username: 'una', email: 'other@example.com', password }, '', ''), 400, 'app.user.save.username_exists.app_error');
  await refused(admin.createUser({ username: 'short', email: 'short@example.com', password: 'short' }, '', ''), 400, 'model.user.is_valid.pwd_min_length.app_error');
  await refused(admin.getUser('aaaaaaaaaaaaaaaaaaaaaaaaaa'), 404, 'app.user.missing_account.const');
});

test('passwords and failed attempts', async () => {
  const u = await admin.createUser({ username: 'pat', email: 'pat@example.com', password }, '', '');
  await refused(newClient().login('pat', 'wrong one'), 401, 'api.user.login.invalid_credentials_email_username');
  await refused(newClient().login('pat', 'wrong two'), 401, 'api.user.login.invalid_credentials_email_username');
  assert.equal((await admin.getUser(u.id)).failed_attempts, 2);
  assert.equal((await admin.resetFailedAttempts(u.id)).status, 'OK');
  assert.ok(!(await admin.getUser(u.id)).failed_attempts);
  const c = newClient();
  await c.login('pat', password);
  await refused(c.updateUserPassword(u.id, 'wrong', 'another long secret 2'), 400, 'api.user.update_password.incorrect.app_error');
  await c.updateUserPassword(u.id, password, 'another long secret 2');
  await newClient().login('pat', 'another long secret 2');
});

test('sessions', async () => {
  const u = await admin.createUser({ username: 'sam', email: 'sam@example.com', password }, '', '');
  const one = newClient();
  const two = newClient();
  await one.login('sam', password);
  await two.login('sam', password);
  const sessions = await one.getSessions(u.id);
  assert.equal(sessions.length, 2);
  for (const key of ['platform', 'os', 'browser']) assert.equal(typeof sessions[0].props[key], 'string');
  await one.revokeSession(u.id, sessions.find((s) => s.id !== sessions[0].id).id);
  assert.equal((await admin.getSessions(u.id)).length, 1);
  await admin.revokeAllSessionsForUser(u.id);
  await refused(one.getMe(), 401, 'api.context.session_expired.app_error');
  await one.login('sam', password);
  await refused(one.revokeSessionsForAllUsers(), 403, 'api.context.permissions.app_error');
  await admin.revokeSessionsForAllUsers();
  await refused(one.getMe(), 401, 'api.context.session_expired.app_error');
  await refused(admin.getMe(), 401, 'api.context.session_expired.app_error');
  await admin.login('admin', adminPassword);
});

test('roles', async () => {
  const role = await admin.getRoleByName('system_user');
  assert.equal((await admin.getRole(role.id)).name, 'system_user');
  assert.equal((await admin.getRolesByNames(['system_user', 'nosuch'])).length, 1);
  const patched = await admin.patchRole(role.id, { permissions: [...role.permissions, 'create_post', 'deploy:read'] });
  assert.ok(patched.permissions.includes('deploy:read'));
  assert.ok(!patched.permissions.includes('create_post'), 'a permission without a meaning here is kept out');
  await admin.patchRole(role.id, { permissions: role.permissions });
  await admin.getAncillaryPermissions(['sysconsole_write_user_management_users']);
});

test('bots', async () => {
  const bot = await admin.createBot({ username: 'robo', display_name: 'Robo', description: 'd' });
  assert.equal((await admin.getBot(bot.user_id)).username, 'robo');
  assert.equal((await admin.patchBot(bot.user_id, { display_name: 'R2' })).display_name, 'R2');
  assert.ok((await admin.getBots()).some((b) => b.user_id === bot.user_id));
  const secret = (await admin.createUserAccessToken(bot.user_id, 'of the bot')).token;
  assert.equal((await newClient(secret).getMe()).is_bot, true);
  await admin.disableBot(bot.user_id);
  await refused(newClient(secret).getMe(), 401, 'api.context.session_expired.app_error');
  assert.ok((await admin.getBotsIncludeDeleted()).some((b) => b.user_id === bot.user_id));
  await admin.enableBot(bot.user_id);
  assert.equal((await newClient(secret).getMe()).id, bot.user_id);
  const owner = await admin.createUser({ username: 'olga', email: 'olga@example.com', password }, '', '');
  assert.equal((await admin.assignBot(bot.user_id, owner.id)).owner_id, owner.id);
  await refused(admin.getBot('aaaaaaaaaaaaaaaaaaaaaaaaaa'), 404, 'store.sql_bot.get.missing.app_error');
});

test('guests are off', async () => {
  const u = await admin.createUser({ username: 'gus', email: 'gus@example.com', password }, '', '');
  await refused(admin.demoteUserToGuest(u.id), 501, 'api.team.demote_user_to_guest.license.error');
});

test('what the web application asks at its start', async () => {
  assert.equal((await admin.ping()).status, 'OK');
  assert.equal((await admin.getClientConfig()).EnableUserAccessTokens, 'true');
  assert.equal((await admin.getClientLicenseOld()).IsLicensed, 'false');
  assert.deepEqual(await admin.getMyTeams(), []);
  assert.deepEqual(await admin.getMyTeamMembers(), []);
  assert.deepEqual(await admin.getMyTeamUnreads(), []);
  await admin.getUserPreferences('me');
  await admin.getServerLimits();
  await admin.getConfig();
  await admin.getFilteredUsersStats({});
  assert.ok((await admin.getAudits()).length > 0);
  assert.ok((await admin.getUserAudits('me')).length > 0);
});
