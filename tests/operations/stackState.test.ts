import assert from "node:assert/strict";
import { edgesOf } from "../../operations/stackState";
import { uid } from "../support/cluster";
import { owner, releaseUrn, secret, stateOf } from "../support/stackState";

const releases = [
  { urn: releaseUrn("CertManager", "edge-cert-manager"), name: "cert-manager", namespace: "cert-manager" },
  { urn: releaseUrn("EnvoyGateway", "edge-envoy-gateway"), name: "eg", namespace: "envoy-gateway-system" },
];

describe("A stack's state", () => {
  it("tells of its edge: the way to the cluster, whose its objects are, its releases and Gateways", () => {
    assert.deepEqual(edgesOf(stateOf({ kubeconfig: secret("apiVersion: v1"), context: "prod" })), [
      {
        connection: { kubeconfig: "apiVersion: v1", context: "prod" },
        owner,
        uid,
        releases,
        gateways: ["envoy-gateway/eg"],
      },
    ]);
  });

  it("leaves the way to the cluster to the environment, where the provider does", () => {
    const [edge] = edgesOf(stateOf({ clusterIdentifier: "https-edge" }));
    assert.deepEqual(edge?.connection, { kubeconfig: undefined, context: undefined });
  });

  it("tells of no edge when its first up ended before it had a provider", () => {
    assert.deepEqual(edgesOf(stateOf()), []);
  });

  it("tells of no edge when it is empty", () => {
    assert.deepEqual(edgesOf({ deployment: { resources: null } }), []);
    assert.deepEqual(edgesOf({}), []);
  });

  it("has nothing of what a replacement has left to be deleted", () => {
    const state = stateOf({});
    const { resources } = state.deployment;
    const left = resources.map((resource) =>
      resource.type.includes("Release") ? { ...resource, delete: true } : resource,
    );
    assert.deepEqual(edgesOf({ deployment: { resources: left } })[0]?.releases, []);
  });
});
