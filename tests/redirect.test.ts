import assert from "node:assert/strict";
import { checkStatusCode, Redirect } from "../components/redirect";
import { type VersionSet, versionSets } from "../components/rules/versions";
import { accepted, type Deployment, deploy, types } from "./support/deploy";
import { instance, labels, listener } from "./support/names";

const metadata = { name: "https-redirect", namespace: "envoy-gateway", labels };
const parentRef = { name: "eg", namespace: "envoy-gateway", sectionName: "http" };
const toHttps = { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } };
const location = {
  name: "Location",
  value: 'https://%CEL(re.extract(request.host, "^(.+):[0-9]*$", "\\\\1"))%%REQ(:PATH)%',
};

const run = (versions: VersionSet, statusCode?: 301 | 308): Promise<Deployment> =>
  deploy(() => new Redirect("redirect", { statusCode, listener: listener("http"), versions }, {}));

describe("Redirect", () => {
  it("sends every host to https with 301, path and query kept, a port in the Host not", async () => {
    const deployment = await run(versionSets.current);
    assert.deepEqual(
      deployment.list.map(([type]) => type).sort(),
      ["https-edge:index:Redirect", types.httpRoute, types.filter].sort(),
    );
    const route = deployment.only(types.httpRoute);
    assert.deepEqual(route.parent, ["https-edge:index:Redirect", "redirect"]);
    assert.deepEqual(route.inputs, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { ...metadata, labels: { ...labels, ...instance }, annotations: accepted },
      spec: {
        parentRefs: [parentRef],
        rules: [
          { filters: [toHttps] },
          {
            matches: [{ headers: [{ type: "RegularExpression", name: "Host", value: ".+:[0-9]*" }] }],
            filters: [
              {
                type: "ExtensionRef",
                extensionRef: { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: "https-redirect" },
              },
            ],
          },
        ],
      },
    });
    assert.deepEqual(deployment.only(types.filter).inputs, {
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "HTTPRouteFilter",
      metadata,
      spec: { directResponse: { statusCode: 301, header: { set: [location] } } },
    });
  });

  it("keeps the port where the proxies know no expressions", async () => {
    const deployment = await run(versionSets.guide);
    assert.deepEqual(
      deployment.list.map(([type]) => type).sort(),
      ["https-edge:index:Redirect", types.httpRoute].sort(),
    );
    const { spec } = deployment.only(types.httpRoute).inputs as { spec: object };
    assert.deepEqual(spec, { parentRefs: [parentRef], rules: [{ filters: [toHttps] }] });
  });

  it("keeps the method by 308 when told to", async () => {
    const deployment = await run(versionSets.current, 308);
    const { rules } = deployment.only(types.httpRoute).inputs.spec as { rules: unknown[] };
    assert.deepEqual(rules[0], {
      filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 308 } }],
    });
    const { spec } = deployment.only(types.filter).inputs;
    assert.deepEqual(spec, { directResponse: { statusCode: 308, header: { set: [location] } } });
  });

  it("refuses 308 with a Gateway API whose routes do not know it", () => {
    const { current, guide } = versionSets;
    assert.equal(checkStatusCode({ statusCode: 308 }, current), undefined);
    for (const args of [{}, { statusCode: 301 as const }]) assert.equal(checkStatusCode(args, guide), undefined);
    assert.equal(
      checkStatusCode({ statusCode: 308 }, guide),
      'must be 301 with Gateway API 1.2.1, got 308 (its routes know 301 and 302 alone: leave it out, or take versions.set "current")',
    );
  });
});
