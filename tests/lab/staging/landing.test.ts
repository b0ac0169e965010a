import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import { ask, type Load, readability, see, startLoads } from "../../../lab";
import { attach } from "../support/application";
import { list } from "../support/cluster";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import type { Stack } from "../support/stack";

const nobody = `nobody-claimed-this.${domain}`;
const addresses = (...hosts: string[]): string[] => hosts.map((host) => `https://${host}/`);

/** Nothing of what is seen is broken, in light and in dark. */
const assertGood = (seen: Awaited<ReturnType<typeof see>>): void => {
  for (const page of seen) {
    assert.deepEqual(
      page.complaints.filter((each) => !each.includes(`status of ${page.status}`)),
      [],
      page.title,
    );
    assert.equal(page.pictures.shown, page.pictures.all, page.title);
    assert.ok(readability(page).contrast >= 7, `${page.color} on ${page.background}`);
  }
  // The first half was seen as people who like light pages do.
  for (const [nth, page] of seen.entries())
    assert.equal(readability(page).dark, nth >= seen.length / 2, page.background);
};

describe("The landing page", () => {
  it("is one that browsers show as they are told, light or dark, without a complaint", async () => {
    const seen = await see(addresses(domain, nobody));
    assert.deepEqual(
      seen.map(({ status, title }) => [status, title]),
      [1, 2].flatMap(() => [
        [200, "It works"],
        [404, "Nothing here"],
      ]),
    );
    assertGood(seen);
  });

  it("is 404 on the apex for what is not there, and nothing of it is kept or listed", async () => {
    for (const [host, path, status] of [
      [domain, "/", 200],
      [domain, "/?query", 200],
      [domain, "/favicon.ico", 404],
      [nobody, "/", 404],
    ] as const) {
      const answer = await ask(host, { path });
      assert.equal(answer.status, status, `${host}${path}`);
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal(answer.headers["x-robots-tag"], "noindex");
    }
  });

  describe("of somebody's own, with error pages, under load", () => {
    let stack: Stack;
    let restore: (() => Promise<void>) | undefined;
    let loads: Record<string, Load>;
    const removals: (() => Promise<void>)[] = [];
    const write = (path: string, content: string | Buffer): void => {
      const file = join(stack.directory, "site", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    };
    const page = (title: string): string =>
      `<!doctype html><meta charset="utf-8"><title>${title}</title><link rel="stylesheet" href="/style.css"><h1>${title}</h1><img src="/images/a%20picture.png" alt="">\n`;
    // A picture of one dot, which is no UTF-8.
    const picture = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    const nothingHasFailed = (): void => {
      for (const [kind, { outcome }] of Object.entries(loads)) assert.deepEqual(outcome.failures, [], kind);
    };

    before(async () => {
      stack = await stagingEdge();
      restore = stack.keepSettings();
      write("index.html", page("Ours"));
      write("404.html", page("Not ours"));
      write("style.css", ":root { color-scheme: light dark } body { background: Canvas; color: CanvasText }");
      write("images/a picture.png", picture);
      write(".env", "SECRET=1");
      stack.setBlocks({ landing: { folder: "site" }, backendTraffic: { errorPages: {} } });
      await stack.up();
      await eventually("the own page", async () => {
        for (let count = 0; count < 6; count++) assert.match((await ask(domain)).body, /<h1>Ours<\/h1>/);
      });
      // Not before: for a moment the proxies may have the route to the server and not yet its cluster, see docs/landing.md.
      loads = startLoads(domain, { every: 100, accept: ({ status }) => status === 200 });
    });
    after(async () => {
      await Promise.all([...removals.map((remove) => remove()), ...Object.values(loads).map(({ stop }) => stop())]);
      rmSync(join(stack.directory, "site"), { recursive: true });
      await restore?.();
    });

    it("has all that its pages need, and 404 with its own page for the rest", async () => {
      assertGood(await see(addresses(domain, nobody)));
      const html = "text/html; charset=utf-8";
      const css = "text/css; charset=utf-8";
      const missing = (host: string, paths: string[]) =>
        paths.map((path) => ({ host, path, status: 404, type: html, body: /<h1>Not ours<\/h1>/ }));
      for (const { host, path, status, type, body } of [
        { host: domain, path: "/style.css", status: 200, type: css, body: /Canvas/ },
        { host: domain, path: "/images/a%20picture.png", status: 200, type: "image/png", body: /PNG/ },
        { host: nobody, path: "/style.css", status: 200, type: css, body: /Canvas/ },
        ...missing(domain, ["/nowhere", "/images/", "/.env", "/..%2fnginx.conf", "/%2e%2e/nginx.conf"]),
        ...missing(nobody, ["/", "/index.html", "/404.html"]),
      ]) {
        const answer = await ask(host, { path });
        assert.deepEqual([answer.status, answer.headers["content-type"]], [status, type], `${host}${path}`);
        assert.match(answer.body, body, `${host}${path}`);
        assert.equal(answer.headers["x-robots-tag"], host === nobody ? "noindex" : undefined);
        assert.equal(answer.headers["cache-control"], "no-store");
        assert.match(answer.headers["content-security-policy"] ?? "", /^default-src 'none'; script-src 'self';/);
      }
      const pods = (await list("pods")).filter(({ metadata }) => metadata.labels?.app === "landing");
      assert.equal(new Set(pods.map(({ spec }) => spec?.nodeName)).size, 2, "a pod on each node");
    });

    it("has error pages in place of the proxies' own answers, and leaves an application's as they are", async () => {
      const server = http.createServer((_, response) => response.writeHead(503).end("the application's own"));
      const own = await attach("own-error", { servers: [server] });
      const empty = await attach("no-pods", { servers: [] });
      const dead = await attach("dead", { servers: [undefined] });
      const slow = await attach("slow", {
        rules: [{ timeouts: { request: "500ms" } }],
        servers: [http.createServer(() => {})],
      });
      removals.push(own.remove, empty.remove, dead.remove, slow.remove);
      await eventually("the application's answer", async () =>
        assert.equal((await ask(own.host)).body, "the application's own"),
      );
      for (const [host, status] of [
        [empty.host, 503],
        [dead.host, 503],
        [slow.host, 504],
      ] as const)
        await eventually(`the page of ${host}`, async () => {
          const answer = await ask(host);
          assert.equal(answer.status, status);
          assert.match(answer.body, new RegExp(`<h1><small>${status}</small> `));
          assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
          assert.equal(answer.headers["cache-control"], "no-store");
        });
      assertGood(await see(addresses(empty.host, slow.host)));
    });

    it("changes as its files do, has other hosts answer as the apex when told to, and no request has failed", async () => {
      write("index.html", page("Changed"));
      stack.setBlocks({ landing: { folder: "site", status: 200 } });
      await stack.up();
      await eventually("the changed page", async () => {
        for (const host of [domain, nobody, domain, nobody]) {
          const { status, body } = await ask(host);
          assert.equal(status, 200);
          assert.match(body, /<h1>Changed<\/h1>/);
        }
      });
      const maps = (await list("configmaps")).filter(({ metadata }) => metadata.name.startsWith("landing-"));
      assert.equal(maps.length, 1);
      nothingHasFailed();
    });

    it("gives way to the default page", async () => {
      await restore?.();
      restore = undefined;
      await eventually("the default page", async () => {
        for (let count = 0; count < 6; count++) assert.match((await ask(domain)).body, /<h1>It works<\/h1>/);
      });
    });
  });
});
