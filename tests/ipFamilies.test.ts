import assert from "node:assert/strict";
import { checkIpFamily, type IpFamily } from "../components/rules/ipFamilies";

const ranges = { IPv4: "10.96.0.0/16", IPv6: "fd00:10:96::/112" };
type Family = keyof typeof ranges;
type Given = `${IpFamily}` | undefined;

describe("An IP family", () => {
  const possible: [Family[], Given[]][] = [
    [["IPv4"], [undefined, "IPv4"]],
    [["IPv6"], ["IPv6"]],
    [
      ["IPv4", "IPv6"],
      [undefined, "IPv4", "IPv6", "DualStack"],
    ],
    [
      ["IPv6", "IPv4"],
      ["IPv6", "DualStack"],
    ],
  ];
  for (const [families, accepted] of possible) {
    const cluster = { ranges: families.map((family) => ranges[family]) };
    for (const given of [undefined, "IPv4", "IPv6", "DualStack"] as const) {
      const accepts = accepted.includes(given);
      it(`${given ?? "left out"} is ${accepts ? "accepted" : "rejected"} on a cluster of ${families.join(" and ")}`, () => {
        assert.equal(checkIpFamily(given, cluster) === undefined, accepts);
      });
    }
  }

  it("that the cluster lacks is named with those that it has", () => {
    assert.equal(
      checkIpFamily("DualStack", { ranges: ["10.96.0.0/16"] }),
      "must be IPv4, got DualStack (Services of this cluster have addresses of 10.96.0.0/16)",
    );
    assert.equal(
      checkIpFamily(undefined, { ranges: ["fd00:10:96::/112", "10.96.0.0/16"] }),
      "must be IPv6 or DualStack, got nothing (Services of this cluster have addresses of fd00:10:96::/112 and 10.96.0.0/16, and without the setting Envoy listens on IPv4 alone)",
    );
  });

  describe("where the cluster tells its first family alone", () => {
    for (const [address, accepted] of [
      ["10.96.0.1", [undefined, "IPv4", "IPv6", "DualStack"]],
      ["fd00:10:96::1", ["IPv6", "DualStack"]],
    ] as [string, Given[]][])
      for (const given of [undefined, "IPv4", "IPv6", "DualStack"] as const)
        it(`${given ?? "left out"} is ${accepted.includes(given) ? "accepted" : "rejected"} beside ${address}`, () => {
          const problem = checkIpFamily(given, { ranges: [address], partial: true });
          assert.equal(problem === undefined, accepted.includes(given));
        });
  });

  it("is accepted where the cluster tells nothing", () => {
    assert.equal(checkIpFamily("IPv6", { ranges: [], partial: true }), undefined);
  });
});
