import assert from "node:assert/strict";
import type { V1Service } from "@kubernetes/client-node";
import { balancer, nodeAddresses, wantsBalancer } from "./balancer";
import { configuration } from "./configuration";

const nodes = [
  { name: "node-1", address: "198.51.100.11" },
  { name: "node-2", address: "198.51.100.12" },
];

const service = (spec: V1Service["spec"], annotations: Record<string, string> = {}): V1Service => {
  const ports = [
    { name: "http-80", port: 80, nodePort: 30080, protocol: "TCP" },
    { name: "https-443", port: 443, nodePort: 30443, protocol: "TCP" },
    { name: "h3", port: 443, nodePort: 30443, protocol: "UDP" },
  ];
  const metadata = { uid: "u", namespace: "envoy-gateway-system", name: "eg", annotations };
  return { metadata, spec: { type: "LoadBalancer", ports, ...spec } };
};

const made = (given: V1Service, ...addresses: string[]) =>
  configuration([balancer(given, "203.0.113.7", ...addresses)], nodes, {
    worker: "/worker.sock",
    states: "/servers.state",
  });

describe("Balancer", () => {
  it("takes each TCP port of its address to the node port of every node", () => {
    const text = made(service({}));
    assert.deepEqual(text.match(/^ {2}(bind|server) .*$/gm), [
      "  bind 203.0.113.7:80",
      "  server node-1 198.51.100.11:30080 check inter 500ms rise 1 fall 2",
      "  server node-2 198.51.100.12:30080 check inter 500ms rise 1 fall 2",
      "  bind 203.0.113.7:443",
      "  server node-1 198.51.100.11:30443 check inter 500ms rise 1 fall 2",
      "  server node-2 198.51.100.12:30443 check inter 500ms rise 1 fall 2",
    ]);
    assert.doesNotMatch(text, /httpchk/);
  });

  it("knows the UDP ports, which HAProxy does not carry, apart", () => {
    const { ports, udpPorts } = balancer(service({}), "203.0.113.7");
    assert.deepEqual(
      ports.map(({ name }) => name),
      ["http-80", "https-443"],
    );
    assert.deepEqual(udpPorts, [{ name: "h3", port: 443, nodePort: 30443 }]);
  });

  it("listens on every address that it has", () => {
    const text = made(service({}), "2001:db8::7");
    assert.deepEqual(text.match(/^ {2}bind .*:443$/gm), ["  bind 203.0.113.7:443", "  bind [2001:db8::7]:443"]);
  });

  it("asks the health check's node port under the traffic policy Local", () => {
    const text = made(service({ externalTrafficPolicy: "Local", healthCheckNodePort: 32000 }));
    assert.match(text, /option httpchk GET \/healthz/);
    assert.match(text, /server node-2 198.51.100.12:30443 check .* port 32000$/m);
  });

  it("sends the PROXY header to the ports that its annotation names", () => {
    const text = made(service({}, { "vks.vngcloud.vn/enable-proxy-protocol": "https-443" }));
    assert.match(text, /:30443 .* send-proxy$/m);
    assert.match(text, /:30080 .* fall 2$/m);
  });

  it("lets only the source ranges in", () => {
    const text = made(service({ loadBalancerSourceRanges: ["198.51.100.0/24", "10.0.0.0/8"] }));
    assert.match(text, /tcp-request connection reject unless { src 198.51.100.0\/24 10.0.0.0\/8 }/);
  });

  it("is for Services of its type and class that are not being deleted", () => {
    assert.equal(wantsBalancer(service({})), true);
    assert.equal(wantsBalancer(service({ loadBalancerClass: "service.k8s.aws/nlb" })), true);
    assert.equal(wantsBalancer(service({ loadBalancerClass: "example.com/other" })), false);
    assert.equal(wantsBalancer(service({ type: "NodePort" })), false);
    const deleted = service({});
    assert.equal(
      wantsBalancer({ ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: new Date() } }),
      false,
    );
  });

  it("reaches the nodes by their internal addresses, but not those that exclude themselves", () => {
    const status = (address: string) => ({ addresses: [{ type: "InternalIP", address }] });
    const labels = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
    const seen = [
      { metadata: { name: "node-2" }, status: status("198.51.100.12") },
      { metadata: { name: "node-1" }, status: status("198.51.100.11") },
      { metadata: { name: "node-3", labels }, status: status("198.51.100.13") },
    ];
    assert.deepEqual(nodeAddresses(seen), nodes);
  });
});
