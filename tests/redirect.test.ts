import assert from "node:assert/strict";
import { Redirect } from "../components/redirect";
import { accepted, deploy, types } from "./support/deploy";
import { labels, listener } from "./support/names";

const parentRef = { name: "eg", namespace: "envoy-gateway", sectionName: "http" };

describe("Redirect", () => {
  it("sends every host to https with 301, path and query kept", async () => {
    const { resources } = await deploy(() => new Redirect("redirect", { listener: listener("http") }, {}));
    const [component, route, ...others] = resources;
    assert.equal(component?.type, "https-edge:index:Redirect");
    assert.equal(route?.type, types.httpRoute);
    assert.deepEqual(others, []);
    assert.deepEqual(route?.parent, ["https-edge:index:Redirect", "redirect"]);
    assert.deepEqual(route?.inputs, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "https-redirect", namespace: "envoy-gateway", labels, annotations: accepted },
      spec: {
        parentRefs: [parentRef],
        rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
      },
    });
  });
});
