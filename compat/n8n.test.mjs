// The Mattermost node of n8n: its user operations, and the test of its credentials.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createRequire } from 'node:module';
import { adminPassword, caller, logIn, password, startServer } from './server.mjs';

const require = createRequire(import.meta.url);
const { MattermostV1 } = require('n8n-nodes-base/dist/nodes/Mattermost/v1/MattermostV1.node.js');
const { MattermostApi } = require('n8n-nodes-base/dist/credentials/MattermostApi.credentials.js');

let url;
let token;

before(async () => {
  url = await startServer();
  const admin = await logIn(url, 'admin', adminPassword);
  token = (await caller(url, admin.secret)('POST', `/users/${admin.id}/tokens`, { description: 'n8n' })).body.token;
});

// run runs the node with its parameters, as n8n would, and returns what it puts out.
async function run(parameters, base = url) {
  const context = {
    getInputData: () => [{ json: {} }],
    getNodeParameter: (name, _item, other) => parameters[name] ?? other,
    getCredentials: async () => ({ baseUrl: base, accessToken: token }),
    getNode: () => ({ name: 'Mattermost' }),
    continueOnFail: () => false,
    helpers: {
      returnJsonArray: (data) => [].concat(data).map((json) => ({ json: json.json ?? json })),
      constructExecutionMetaData: (data) => data,
      httpRequestWithAuthentication: request,
    },
  };
  const [items] = await new MattermostV1({}).execute.call(context);
  return items.map((item) => item.json);
}

// request sends what the node asks for. Like n8n's own it follows redirects.
async function request(_credential, options) {
  const query = new URLSearchParams(options.qs).toString();
  const answer = await fetch(options.url + (query && `?${query}`), {
    method: options.method,
    headers: { ...options.headers, Authorization: `Bearer ${token}` },
    body: options.method === 'GET' ? undefined : JSON.stringify(options.body),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${body.id}`);
  return body;
}

test('the test of the credentials', async () => {
  const { url: path } = new MattermostApi().test.request;
  assert.equal((await caller(url, token)('GET', path)).status, 200);
});

test('users', async () => {
  const [made] = await run({
    resource: 'user', operation: 'create', username: 'nat', authService: 'email', email: 'nat@example.com', password, additionalFields: {},
  });
  assert.equal(made.username, 'nat');
  const all = await run({ resource: 'user', operation: 'getAll', returnAll: true, additionalFields: {} });
  assert.deepEqual(all.map((u) => u.username).sort(), ['admin', 'nat']);
  assert.equal((await run({ resource: 'user', operation: 'getAll', returnAll: false, limit: 1, additionalFields: {} })).length, 1);
  assert.equal((await run({ resource: 'user', operation: 'getByEmail', email: 'nat@example.com' }))[0].id, made.id);
  const [byID] = await run({ resource: 'user', operation: 'getById', userIds: made.id, additionalFields: {} });
  assert.equal(byID.id, made.id);
  assert.equal((await run({ resource: 'user', operation: 'deactive', userId: made.id }))[0].status, 'OK');
});

test('a base URL with a slash at its end', async () => {
  const all = await run({ resource: 'user', operation: 'getAll', returnAll: true, additionalFields: {} }, `${url}/`);
  assert.ok(all.length > 0);
});
