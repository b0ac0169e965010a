import assert from "node:assert/strict";
import { type Address, addressesOf, checkAnnotation, recordType } from "../components/rules/addresses";
import { names } from "./support/names";

const domains = ["staging.example.com", "example.org"];
const ip = (value: string): Address => ({ type: "IPAddress", value });
const hostname = (value: string): Address => ({ type: "Hostname", value });

describe("The load balancer's addresses", () => {
  for (const [what, reported, addresses] of [
    ["one", [ip("203.0.113.7")], [ip("203.0.113.7")]],
    ["one without a type", [{ value: "203.0.113.7" }], [ip("203.0.113.7")]],
    [
      "several, sorted, IPv4 first",
      [ip("2001:db8::7"), ip("203.0.113.7"), ip("203.0.113.5")],
      [ip("203.0.113.5"), ip("203.0.113.7"), ip("2001:db8::7")],
    ],
    ["the same twice, once", [ip("203.0.113.7"), ip("203.0.113.7")], [ip("203.0.113.7")]],
    ["IPv6 in its shortest form", [ip("2001:0DB8:0:0::7"), ip("2001:db8::7")], [ip("2001:db8::7")]],
    ["a hostname", [hostname("LB.cloud.example.")], [hostname("lb.cloud.example")]],
    [
      "one of several hostnames, since a name has one CNAME",
      [hostname("b.cloud.example"), hostname("a.cloud.example")],
      [hostname("a.cloud.example")],
    ],
    [
      "IP addresses beside a hostname, without it",
      [hostname("lb.cloud.example"), ip("203.0.113.7")],
      [ip("203.0.113.7")],
    ],
    ["a hostname that only ends like a domain", [hostname("notexample.org")], [hostname("notexample.org")]],
    ["a hostname beside a domain, in its zone", [hostname("lb.example.com")], [hostname("lb.example.com")]],
  ] as const) {
    it(`are ${what}`, () => assert.deepEqual(addressesOf([...reported], domains, names.namespace), { addresses }));
  }

  it("are a problem when there are none, which time may mend", () => {
    assert.deepEqual(addressesOf([], domains, names.namespace), {
      mayCome: true,
      problem:
        "gateway must have an address, got none (does the cluster give one to Services of type LoadBalancer? run pulumi up again once kubectl get gateway -n envoy-gateway shows one)",
    });
  });

  for (const name of ["staging.example.com", "lb.staging.example.com", "a.b.example.org", "LB.Example.org."]) {
    it(`are a problem when it is ${name}, which the edge's own records answer for`, () => {
      assert.deepEqual(addressesOf([hostname(name)], domains, names.namespace), {
        mayCome: false,
        problem: `gateway must have an address outside its own domains, got "${name.toLowerCase().replace(/\.$/, "")}" (records would lead to themselves; change what gives the load balancer this name, and run pulumi up again once kubectl get gateway -n envoy-gateway shows one)`,
      });
    });
  }

  for (const [address, type] of [
    [ip("203.0.113.7"), "A"],
    [ip("2001:db8::7"), "AAAA"],
    [hostname("lb.cloud.example"), "CNAME"],
  ] as const) {
    it(`get ${address.value} a record of type ${type}`, () => assert.equal(recordType(address), type));
  }
});

describe("An annotation of the load balancer's Service", () => {
  for (const key of [
    "service.beta.kubernetes.io/do-loadbalancer-hostname",
    "load-balancer.hetzner.cloud/hostname",
    "loadbalancer.openstack.org/hostname",
    "service.beta.kubernetes.io/vultr-loadbalancer-hostname",
    "service.beta.kubernetes.io/cloudstack-load-balancer-hostname",
  ]) {
    it(`names with ${key} no name of the edge`, () => {
      for (const value of ["example.org", "lb.example.org", "Lb.Example.Org."])
        assert.equal(
          checkAnnotation(key, value, domains),
          `must be a name outside the edge's domains, got "${value}" (the records of example.org and *.example.org would lead to themselves; leave the annotation away, or give a name that has an A record of its own elsewhere)`,
        );
      assert.equal(checkAnnotation(key, "lb.example.com", domains), undefined);
    });
  }

  it("says what it likes where the cloud does not report it", () => {
    assert.equal(checkAnnotation("external-dns.alpha.kubernetes.io/hostname", "example.org", domains), undefined);
  });
});
