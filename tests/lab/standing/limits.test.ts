import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, it } from "mocha";
import * as limits from "../../../components/rules/limits";
import { certificateName } from "../../../components/rules/names";
import { accounts, ask, output, rootOf, startLoad } from "../../../lab";
import { get, list, names } from "../support/cluster";
import { eventually } from "../support/eventually";
import { coalesced } from "../support/http2";
import { Stack, shortWait } from "../support/stack";

const [, { id: annex } = { id: "" }] = accounts;

/** Twenty of three zones in two accounts: a route's hostnames and four more. The first two differ by a dot and a hyphen. */
const domains = [
  ...["a.b.example.com", "a-b.example.com", "example.com", "example.org", "example.net"],
  ...["com", "org", "net"].flatMap((tld) => ["c", "d", "e", "f", "g"].map((label) => `${label}.example.${tld}`)),
];
const [first = "", , removed = ""] = domains;
const seventeenth = domains[16] ?? "";
const last = domains.at(-1) ?? "";
const added = "h.example.org";

/** A domain as a setting; those in the second account name it. */
const setting = (name: string) => {
  const zone = name.split(".").slice(-2).join(".");
  return { name, zone, ...(zone === "example.net" && { accountId: annex }) };
};

/** Waits until a host answers with a status, and tells how. */
const answer = async (host: string, status: number) => {
  await eventually(`${status} of ${host}`, async () => {
    assert.equal((await ask(host)).status, status);
  });
  return ask(host, { roots: [rootOf("staging")] });
};

const hostnamesOf = async (route: string): Promise<unknown> =>
  (await get("httproute", route, "envoy-gateway")).spec?.hostnames;

describe("An edge of more domains than a route has room for", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "limits");
    await stack.leaveEarlierCrds();
    stack.set(...shortWait);
    // More than Envoy's own limit, which Envoy Gateway raises.
    stack.setBlocks({ domains: domains.map(setting), landing: { text: "long ".repeat(10_000) } });
    await stack.up();
  });
  after(() => stack.destroy());

  it("has the limits that the Gateway API's CRDs state", async () => {
    const schema = async (plural: string) => {
      const { spec } = await get("crd", `${plural}.gateway.networking.k8s.io`);
      const { versions } = spec as {
        versions: { name: string; schema: { openAPIV3Schema: { properties: Schemas } } }[];
      };
      return versions.find(({ name }) => name === "v1")?.schema.openAPIV3Schema.properties.spec?.properties ?? {};
    };
    const { hostnames, rules } = await schema("httproutes");
    const { listeners } = await schema("gateways");
    const rule = rules?.items?.properties;
    assert.deepEqual(limits.gatewayApi, {
      hostnames: hostnames?.maxItems,
      rules: rules?.maxItems,
      backendRefs: rule?.backendRefs?.maxItems,
      path: rule?.matches?.items?.properties?.path?.properties?.value?.maxLength,
      certificateRefs: listeners?.items?.properties?.tls?.properties?.certificateRefs?.maxItems,
    });
  });

  for (const domain of [...domains.slice(0, 2), ...domains.slice(15, 16), last]) {
    it(`serves ${domain} and what is below it with a certificate of its own`, async () => {
      for (const [host, status] of [
        [domain, 200],
        [`whoami.${domain}`, 200],
        [`nobody-claimed-this.${domain}`, 404],
      ] as const) {
        const { certificate } = await answer(host, status);
        assert.deepEqual(certificate.names.sort(), [`*.${domain}`, domain]);
      }
    });
  }

  it("leads a request to its own application on a connection of another domain, whose certificate covers it too", async () => {
    const hosts = ["whoami.example.com", "c.example.com", "nobody.example.com", "example.com"];
    await answer("whoami.example.com", 200);
    assert.deepEqual(
      (await coalesced("whoami.example.com", hosts)).map(({ status, body }) => [
        status,
        /<h1>.*<|Hostname/.exec(body)?.[0],
      ]),
      [
        [200, "Hostname"],
        [200, "<h1>It works<"],
        [404, "<h1><small>404</small> Nothing here<"],
        [200, "<h1>It works<"],
      ],
    );
  });

  it("has a second route from the seventeenth on", async () => {
    assert.deepEqual(await hostnamesOf("landing-apex"), domains.slice(0, 16));
    assert.deepEqual(await hostnamesOf("landing-apex-2"), domains.slice(16));
  });

  it("has a token for the zones of each account", async () => {
    const secrets = (await names("secrets")).filter((name) => name.startsWith("cloudflare-api-token"));
    assert.equal(secrets.length, 2, `${secrets}`);
  });

  it("answers a landing page that is longer than Envoy's own limit", async () => {
    assert.ok((await answer(last, 200)).body.length > 50_000);
  });

  it("finds nothing to do afterwards", () => stack.succeed("preview", "--expect-no-changes"));

  it("touches nothing of the others when a domain is removed and another added, though one moves to another route", async () => {
    const stay = domains.filter((domain) => domain !== removed);
    const issuedNames = stay.map(certificateName);
    const issued = async () =>
      (await list("certificates"))
        .filter(({ metadata }) => issuedNames.includes(metadata.name))
        .map(({ metadata, status }) => [metadata.name, status?.revision, status?.notAfter]);
    const before = await issued();
    assert.equal(before.length, stay.length);
    const loads = [first, seventeenth, last].map((domain) => startLoad(`whoami.${domain}`));
    stack.setBlocks({ domains: [...stay, added].map(setting) });
    await stack.up();
    for (const { stop } of loads) {
      const { requests, failures } = await stop();
      assert.deepEqual(failures, []);
      assert.ok(requests > 20, `${requests} requests`);
    }
    assert.deepEqual(await issued(), before);
    assert.deepEqual(await hostnamesOf("landing-apex"), [...stay, added].slice(0, 16));
    assert.deepEqual(await hostnamesOf("landing-apex-2"), [...stay, added].slice(16));
    assert.deepEqual((await answer(added, 200)).certificate.names.sort(), [`*.${added}`, added]);
  });
});

/** A schema of a CRD, as far as it is walked here. */
interface Schema {
  maxItems?: number;
  maxLength?: number;
  items?: Schema;
  properties?: Schemas;
}
type Schemas = Record<string, Schema>;

describe("A preview where the only way out is a proxy", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "proxy");
  });
  after(() => stack.destroy());

  it("reads CRDs and charts through it", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client, head) => {
      tunnels.push(url);
      const [host, port] = url.split(":");
      const server = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const socket of [server, client]) socket.on("error", () => server.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const cluster = new URL(
      await output(["kubectl", "config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"]),
    );
    const { port } = proxy.address() as AddressInfo;
    await stack.with({ HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: cluster.hostname }).succeed("preview");
    proxy.closeAllConnections();
    proxy.close();
    // A registry is asked by the program, and again by Helm.
    for (const [host, times] of [
      ["github.com:443", 1],
      ["quay.io:443", 2],
      ["registry-1.docker.io:443", 2],
    ] as const)
      assert.ok(tunnels.filter((each) => each === host).length >= times, `${host} is missing in ${tunnels}`);
  });
});
