import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { provider } from "../plugin/provider";
import schema from "../plugin/schema.json";
import { kubeconfig } from "./support/cluster";
import { type Deployment, deploy, Earlier, settled, types } from "./support/deploy";
import { crds, deployEdge } from "./support/edge";

const [edgeType, routeType] = ["https-edge:index:HttpsEdge", "https-edge:index:HttpsRoute"];
const secret = (value: unknown) => pulumi.secret(value);
const unknown = () => pulumi.output(pulumi.unknown);

/** What the component gave back. */
let state: pulumi.Inputs;
/** Has the engine's request for a component answered. */
const construct = (type: string, name: string, inputs: pulumi.Inputs, preview = false): Promise<Deployment> =>
  deploy(
    async () => {
      assert.ok(provider.construct);
      ({ state } = await provider.construct(name, type, inputs, {}));
    },
    { preview },
  );

const small = async (): Promise<pulumi.Inputs> => ({
  domains: [{ name: "example.com" }],
  cluster: { kubeconfig: secret(await kubeconfig()) },
  crds,
  serving: { reachable: false },
});
const listener = () => ({
  parentRef: new Earlier("gateway").urn.apply(() => ({ name: "eg", namespace: "envoy-gateway", sectionName: "https" })),
  domains: ["example.com"],
  attachLabels: { "https-edge/eg": "attach" },
  labels: { "app.kubernetes.io/instance": "eg" },
});
const route = {
  namespace: "shop",
  hostnames: ["shop.example.com"],
  rules: [{ backendRefs: [{ name: "shop", port: 80 }] }],
};

const refuses = async (lines: string[], type: string, inputs: pulumi.Inputs, preview = false): Promise<void> => {
  const error = await construct(type, "edge", inputs, preview).then(
    () => assert.fail("it was taken"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof pulumi.RunError);
  assert.deepEqual(
    error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim()),
    lines,
  );
};

describe("The plugin", () => {
  it("makes the edge that a TypeScript program makes", async () => {
    const { list } = await deployEdge();
    const deployment = await construct(edgeType, "edge", await small());
    assert.deepEqual(deployment.list, list);
    assert.deepEqual(deployment.only(types.kubernetes).secrets, ["kubeconfig"]);
  });

  it("gives back what its schema promises; a route on the listener waits for the certificates", async () => {
    await construct(edgeType, "edge", await small());
    assert.deepEqual(Object.keys(state), Object.keys(schema.resources["https-edge:index:HttpsEdge"].properties));
    const { parentRef, ...rest } = state.https;
    assert.deepEqual(state.urls, ["https://example.com"]);
    assert.deepEqual(await settled(state.addresses), [{ type: "IPAddress", value: "203.0.113.7" }]);
    assert.deepEqual(await settled(parentRef), { name: "eg", namespace: "envoy-gateway", sectionName: "https" });
    const { parentRef: _, ...expected } = listener();
    assert.partialDeepStrictEqual(rest, expected);
    // `as`: what a value depends on is the SDK's own.
    const behind = await (parentRef as unknown as { allResources(): Promise<Set<pulumi.Resource>> }).allResources();
    const urns = await Promise.all([...behind].map(({ urn }) => settled(urn)));
    assert.ok(
      urns.some((urn) => urn.endsWith("Certificate::edge-certificate-example.com")),
      urns.join("\n"),
    );
  });

  it("refuses what the component refuses, in the same lines and all at once", async () => {
    const inputs = { domains: [{ name: "Example.com" }], acme: { environment: "prod" }, landng: {} };
    await refuses(
      [
        'domains[0].name must be a bare name such as example.com, got "Example.com" (write it in lower case)',
        'acme.environment must be staging or production, got "prod" (set one of these, or leave it out)',
        `landng must be a setting, got an unknown name (known: ${Object.keys(schema.resources["https-edge:index:HttpsEdge"].inputProperties).join(", ")})`,
      ],
      edgeType,
      inputs,
    );
  });

  it("refuses a plain setting that is a secret or not known yet", async () => {
    const wayOut = "write it in the program, or read it from the stack's configuration";
    await refuses(
      [
        `domains must be a plain value, got one that is not known yet (${wayOut})`,
        `acme.email must be a plain value, got a secret (${wayOut})`,
      ],
      edgeType,
      { domains: unknown(), acme: { email: secret("ops@example.com") } },
      true,
    );
  });

  it("keeps a token secret that comes in a block that is one as a whole", async () => {
    const dnsToken = "t".repeat(40);
    const deployment = await construct(edgeType, "edge", { ...(await small()), cloudflare: secret({ dnsToken }) });
    const { inputs, secrets } = deployment.only(types.secret);
    assert.deepEqual(inputs.stringData, { "api-token": dnsToken });
    assert.deepEqual(secrets, ["stringData"]);
    assert.deepEqual(
      deployment.list.filter(([type]) => type === types.apiToken),
      [],
    );
  });

  it("makes a route on the listener that an edge gives out", async () => {
    const deployment = await construct(routeType, "shop", { ...route, listener: pulumi.output(listener()) });
    const { inputs, dependencies } = deployment.only(types.httpRoute);
    assert.deepEqual((inputs.spec as { parentRefs: object }).parentRefs, [
      { name: "eg", namespace: "envoy-gateway", sectionName: "https" },
    ]);
    assert.deepEqual(dependencies, [[types.earlier, "gateway"]]);
    assert.deepEqual(state, { urls: ["https://shop.example.com"] });
  });

  it("refuses a route without the listener of an edge, or for a host that it does not serve", async () => {
    await assert.rejects(construct(routeType, "shop", { ...route, listener: { name: "eg" } }), {
      message:
        'listener must be an edge\'s output https, got {"name":"eg"} (set it to the output https of an HttpsEdge)',
    });
    await assert.rejects(
      construct(routeType, "shop", { ...route, listener: listener(), hostnames: ["other.org"] }),
      /hostnames .*other\.org/s,
    );
  });

  it("knows no other component", () =>
    assert.rejects(construct("https-edge:index:Gateway", "gateway", {}), {
      message:
        "https-edge:index:Gateway must be a component of this package, got an unknown one (there are HttpsEdge and HttpsRoute)",
    }));

  it("has a schema in which every type is there", () => {
    const text = JSON.stringify(schema);
    const named = [...text.matchAll(/"#\/types\/([^"]+)"/g)].map(([, token]) => token);
    assert.ok(named.length > 20);
    assert.deepEqual([...new Set(named)].sort(), Object.keys(schema.types).sort());
  });
});
