import assert from "node:assert/strict";
import { choose } from "./addresses";
import { families, ingress, zoneFile } from "./ingress";

const service = (annotations: Record<string, string>) => ({ metadata: { uid: "5ba1", annotations } });

describe("What a balancer reports", () => {
  it("is its address", () => {
    assert.deepEqual(ingress(service({}), ["203.0.113.7"]), [{ ip: "203.0.113.7" }]);
  });

  it("is each of several addresses, in the order in which the Service wants them", () => {
    const wanted = service({ "lab.https-edge/report": "IPv6,IPv4" });
    assert.deepEqual(families(wanted), ["IPv6", "IPv4"]);
    const addresses = ["2001:db8::203:0:113:9", "203.0.113.7"];
    assert.deepEqual(
      ingress(wanted, addresses),
      addresses.map((ip) => ({ ip })),
    );
  });

  it("is nothing, as long as a cloud has none to give", () => {
    const waiting = service({ "lab.https-edge/report": "nothing" });
    assert.deepEqual([families(waiting), ingress(waiting, ["203.0.113.7"])], [["IPv4"], []]);
  });

  for (const [key, value] of [
    ["service.beta.kubernetes.io/aws-load-balancer-type", "external"],
    ["lab.https-edge/report", "hostname"],
    ["service.beta.kubernetes.io/scw-loadbalancer-use-hostname", "true"],
  ] as const) {
    it(`is a name of its zone with ${key}`, () => {
      const annotations = { [key]: value };
      assert.deepEqual(ingress(service(annotations), ["203.0.113.7"]), [{ hostname: "5ba1.elb.lab.example" }]);
      assert.match(
        zoneFile([{ uid: "5ba1", addresses: ["203.0.113.7", "2001:db8::7"] }], 42),
        /SOA .* 42 .*\n(.*\n)*5ba1 IN A 203.0.113.7\n5ba1 IN AAAA 2001:db8::7\n/,
      );
    });
  }

  it("is the name that the Service gives, where the cloud has it so", () => {
    const annotations = { "load-balancer.hetzner.cloud/hostname": "edge.example.com" };
    assert.deepEqual(ingress(service(annotations), ["203.0.113.7"]), [{ hostname: "edge.example.com" }]);
  });
});

describe("A balancer's address", () => {
  const network = "203.0.113.0/24";

  it("is the same for the same Service, and in the network", () => {
    const address = choose(network, "5ba1", new Set());
    assert.equal(choose(network, "5ba1", new Set()), address);
    assert.match(address, /^203\.0\.113\.\d+$/);
    assert.match(choose("2001:db8::203:0:113:0/112", "5ba1", new Set()), /^2001:db8::203:0:113:\d+$/);
  });

  it("is one that nobody has, until there is none", () => {
    const taken = new Set<string>();
    for (let each = 0; each < 254; each++) taken.add(choose(network, "5ba1", taken));
    assert.equal(taken.size, 254);
    assert.equal(taken.has("203.0.113.0") || taken.has("203.0.113.255"), false);
    assert.throws(() => choose(network, "5ba1", taken), /no address left/);
  });

  it("is the one that the Service asks for, if it is free and in the network", () => {
    assert.equal(choose(network, "5ba1", new Set(), "203.0.113.77"), "203.0.113.77");
    assert.notEqual(choose(network, "5ba1", new Set(["203.0.113.77"]), "203.0.113.77"), "203.0.113.77");
    assert.notEqual(choose(network, "5ba1", new Set(), "198.51.100.9"), "198.51.100.9");
  });
});
