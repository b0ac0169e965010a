import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { balancer, balancerConfig, frontConfig, output } from "../../../lab";

const ports = [{ name: "https-443", port: 443, nodePort: 30443, protocol: "TCP" }];
const local = { externalTrafficPolicy: "Local", healthCheckNodePort: 32000, loadBalancerSourceRanges: ["10.0.0.0/8"] };
const made = balancer(
  {
    metadata: { uid: "u", namespace: "envoy-gateway-system", name: "eg" },
    spec: { type: "LoadBalancer", ports, ...local },
  },
  "203.0.113.7",
);
const nodes = [{ name: "edge", address: "198.51.100.10" }];

describe("HAProxy accepts the configuration", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "haproxy-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  const accepts = async (text: string): Promise<void> => {
    const file = join(directory, "haproxy.cfg");
    writeFileSync(file, text);
    await output(["haproxy", "-c", "-f", file]);
  };

  it("of the front", async () => {
    const pem = join(directory, "front.pem");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=front"];
    writeFileSync(pem, await output(["openssl", "req", "-x509", ...key, "-keyout", "-"]));
    await accepts(frontConfig({ address: "127.0.0.1", port: 8443, pem, ca: pem }));
  });

  it("of a balancer with all that a Service may ask for", () =>
    accepts(balancerConfig([made], nodes, join(directory, "worker.sock"))));

  it("of no balancer", () => accepts(balancerConfig([], [], join(directory, "worker.sock"))));
});
