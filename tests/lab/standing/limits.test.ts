import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, it } from "mocha";
import * as limits from "../../../components/rules/limits";
import { ask, output, rootOf, startLoad } from "../../../lab";
import { get, names } from "../support/cluster";
import { eventually } from "../support/eventually";
import { coalesced } from "../support/http2";
import { Stack, shortWait } from "../support/stack";

/** Seventeen of three zones: a route's hostnames and one more. The first two differ by a dot and a hyphen. */
const domains = [
  ...["a.b.example.com", "a-b.example.com", "example.com", "example.org", "example.net"],
  ...["com", "org", "net"].flatMap((tld) => ["c", "d", "e", "f"].map((label) => `${label}.example.${tld}`)),
];
const zoneOf = (domain: string): string => domain.split(".").slice(-2).join(".");
const last = domains.at(-1) ?? "";

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
    await stack.set(...shortWait);
    const settings = domains.flatMap((domain, index) =>
      ["--plaintext", `https-edge:domains[${index}].name=${domain}`].concat(
        "--plaintext",
        `https-edge:domains[${index}].zone=${zoneOf(domain)}`,
      ),
    );
    // More than Envoy's own limit, which Envoy Gateway raises.
    await stack.succeed(
      "config",
      "set-all",
      "--path",
      ...settings,
      "--plaintext",
      `https-edge:landing.text=${"long ".repeat(10_000)}`,
    );
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

  for (const domain of [domains[0], domains[1], domains[15], last]) {
    it(`serves ${domain} and what is below it with a certificate of its own`, async () => {
      for (const [host, status] of [
        [domain, 200],
        [`whoami.${domain}`, 200],
        [`nobody-claimed-this.${domain}`, 404],
      ] as const) {
        const { certificate } = await answer(`${host}`, status);
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
        [404, "<h1>Nothing here<"],
        [200, "<h1>It works<"],
      ],
    );
  });

  it("has a second route for the seventeenth", async () => {
    assert.deepEqual(await hostnamesOf("landing-apex"), domains.slice(0, 16));
    assert.deepEqual(await hostnamesOf("landing-apex-2"), [last]);
  });

  it("answers a landing page that is longer than Envoy's own limit", async () => {
    assert.ok((await answer(last, 200)).body.length > 50_000);
  });

  it("finds nothing to do afterwards", () => stack.succeed("preview", "--expect-no-changes"));

  it("keeps serving a domain that moves to another route, since one before it is removed", async () => {
    const load = startLoad(`whoami.${last}`);
    await stack.succeed("config", "rm", "--path", "https-edge:domains[2]");
    await stack.up();
    const { requests, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 20, `${requests} requests`);
    assert.deepEqual(await hostnamesOf("landing-apex"), domains.toSpliced(2, 1));
    assert.ok(!(await names("httproutes")).includes("landing-apex-2"));
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
