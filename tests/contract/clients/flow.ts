// A client in TypeScript, as somebody would write it on the types that are generated from the
// contract: registers, logs in, writes, lists, looks back. That it compiles is half of the test.
import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { components, paths } from "./portal.js";

type NewsItem = components["schemas"]["NewsItem"];
type Failure = components["schemas"]["Failure"];

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

const client = createClient<paths>({ baseUrl: setting("PORTAL_URL") });

async function logIn(email: string, password: string): Promise<{ Authorization: string }> {
  const { data, error } = await client.POST("/v1/auth/token", { body: { email, password } });
  assert.ok(data, error?.message);
  assert.equal(data.token_type, "Bearer");
  assert.ok(data.expires_in > 0);
  return { Authorization: `Bearer ${data.access_token}` };
}

const admin = await logIn(setting("PORTAL_ADMIN"), setting("PORTAL_PASSWORD"));

// Somebody registers, and becomes an author.
const email = "typescript@example.org";
const password = "rowing on the lake";
const registered = await client.POST("/v1/users", { body: { name: "Ann", email, password } });
assert.ok(registered.data, registered.error?.message);
const user = registered.data.id;
const role = await client.PUT("/v1/auth/users/{id}/role", {
  params: { path: { id: user } },
  headers: admin,
  body: { role: "author" },
});
assert.equal(role.data?.role, "author");
const author = await logIn(email, password);

// They write: `status` may be left out, and a repetition with the same key is one item.
const create = () =>
  client.POST("/v1/news/{type}", {
    params: { path: { type: "sports" }, header: { "Idempotency-Key": "typescript-1" } },
    headers: author,
    body: { title: "Rowers win", content: "By a length.", author: "Ann", tags: ["rowing"] },
  });
const created = await create();
assert.ok(created.data, created.error?.message);
const item: NewsItem = created.data.news;
assert.equal(item.status, "published");
const time: string | null = item.published_at;
assert.ok(time !== null && !Number.isNaN(Date.parse(time)));
assert.equal((await create()).data?.news.id, item.id);

const revised = await client.PUT("/v1/news/{type}", {
  params: { path: { type: "sports" } },
  headers: author,
  body: { id: item.id, version: item.version, title: "Rowers win again" },
});
assert.equal(revised.data?.news.version, 2);

// A failure has one type, and its codes are known.
const late = await client.PUT("/v1/news/{type}", {
  params: { path: { type: "sports" } },
  headers: author,
  body: { id: item.id, version: item.version, title: "Rowers lose" },
});
const failure: Failure | undefined = late.error;
assert.equal(failure?.error, "version_conflict" satisfies Failure["error"]);
assert.equal(failure.current_version, 2);

// Everybody reads.
const list = await client.GET("/v1/news/{type}", {
  params: { path: { type: "all" }, query: { limit: 100 } },
});
assert.ok(list.data, list.error?.message);
assert.ok(list.data.news.some((one) => one.id === item.id && one.title === "Rowers win again"));
assert.equal(list.data.partial, undefined);
const next: string | null = list.data.next;
assert.equal(next, null);
const page = await client.GET("/v1/news/{type}/{page}/{limit}", {
  params: { path: { type: "sports", page: 1, limit: 10 } },
});
assert.ok(page.data && page.data.news.length > 0);
const history = await client.GET("/v1/news/{type}/{id}/history", {
  params: { path: { type: "sports", id: item.id } },
  headers: author,
});
assert.deepEqual(
  history.data?.history.map((one) => one.type),
  ["article_created.v1", "article_revised.v1"],
);
assert.deepEqual(history.data?.history[1]?.changes["title"], ["Rowers win", "Rowers win again"]);

const removed = await client.DELETE("/v1/users/{id}", {
  params: { path: { id: user } },
  headers: author,
});
assert.equal(removed.data?.result, "success");
console.log("TypeScript: the whole flow, typed");
