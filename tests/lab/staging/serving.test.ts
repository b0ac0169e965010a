import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, askPlain, rootOf, until } from "../../../lab";
import { apply, get, remove } from "../support/cluster";
import { domain } from "../support/edge";

const roots = () => [rootOf("staging")];

/** A route of an application's team, in whoami's namespace, which bears the label. */
const route = (name: string, hostname: string, parentRef: object) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name, namespace: "whoami" },
  spec: {
    parentRefs: [{ name: "eg", namespace: "envoy-gateway", ...parentRef }],
    hostnames: [hostname],
    rules: [{ backendRefs: [{ name: "whoami", port: 80 }] }],
  },
});

describe("The edge put up by pulumi up -s staging", () => {
  describe("over HTTPS", () => {
    for (const host of [domain, `whoami.${domain}`, `nobody-claimed-this.${domain}`]) {
      it(`shows ${host} a certificate that leads to Let's Encrypt's staging root`, async () => {
        const { certificate } = await ask(host, { roots: roots() });
        assert.deepEqual(certificate.names.sort(), [`*.${domain}`, domain]);
        assert.equal(certificate.key, "ec prime256v1");
        assert.ok(certificate.chain >= 2, "the intermediate is sent along");
      });
    }

    it("is not trusted by those who trust production alone", async () => {
      await assert.rejects(ask(domain, { roots: [rootOf("production")] }), /unable to|self.signed/i);
    });

    it("speaks HTTP/2 to those who offer it, and HTTP/1.1 to the others", async () => {
      assert.equal((await ask(domain)).protocol, "h2");
      assert.equal((await ask(domain, { protocols: ["http/1.1"] })).protocol, "http/1.1");
    });

    it("answers whoami on its host", async () => {
      const { status, body } = await ask(`whoami.${domain}`, { path: "/some/path?with=query" });
      assert.equal(status, 200);
      assert.match(body, /^GET \/some\/path\?with=query HTTP\/1\.1$/m);
      assert.match(body, /^X-Forwarded-Proto: https$/m);
    });

    it("answers the landing page on the apex, and as not found on a host nobody has claimed", async () => {
      const apex = await ask(domain);
      assert.equal(apex.status, 200);
      assert.equal(apex.headers["content-type"], "text/html; charset=utf-8");
      assert.match(apex.body, /<h1>It works<\/h1>/);
      const unclaimed = await ask(`nobody-claimed-this.${domain}`);
      assert.equal(unclaimed.status, 404);
      assert.match(unclaimed.body, /Nothing here<\/h1>/);
    });

    it("shows no landing page for a name outside its domains", async () => {
      const { status, body } = await ask(domain, { headers: { ":authority": "www.example.org" } });
      assert.equal(status, 404);
      assert.equal(body, "");
    });
  });

  describe("over plain HTTP", () => {
    for (const host of [domain, `whoami.${domain}`, `nobody-claimed-this.${domain}`, "www.example.org"]) {
      it(`sends ${host} to HTTPS with path and query kept`, async () => {
        const { status, headers } = await askPlain(host, "/some/path?with=query", domain);
        assert.equal(status, 301);
        assert.equal(headers.location, `https://${host}/some/path?with=query`);
      });
    }
  });

  describe("for a route that claims a host", () => {
    const host = `claimed.${domain}`;
    before(() => apply(route("claimed", host, {})));
    after(() => remove("httproute", "claimed", "whoami"));

    it("lets the route win over the landing page", async () => {
      const answer = await until("the route's answer", async () => {
        const seen = await ask(host);
        return seen.status === 200 && seen;
      });
      assert.match(answer.body, /^Hostname: whoami-/m);
    });

    it("serves nothing of it on port 80, though the route names no listener", async () => {
      const { status, body } = await askPlain(host);
      assert.equal(status, 301);
      assert.doesNotMatch(body, /Hostname/);
    });
  });

  describe("for a namespace without the label", () => {
    before(() =>
      apply(
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "stranger" } },
        {
          ...route("stranger", `stranger.${domain}`, { sectionName: "https" }),
          metadata: { name: "stranger", namespace: "stranger" },
        },
      ),
    );
    after(() => remove("namespace", "stranger"));

    it("does not attach its routes", async () => {
      const status = await until("the controller's verdict", async () => {
        const { status } = await get("httproute", "stranger", "stranger");
        const parents = status?.parents as
          | { conditions: { type: string; status: string; reason: string }[] }[]
          | undefined;
        return parents?.[0]?.conditions.find(({ type }) => type === "Accepted");
      });
      assert.equal(status.status, "False");
      assert.equal(status.reason, "NotAllowedByListeners");
      assert.equal((await ask(`stranger.${domain}`)).status, 404);
    });
  });
});
