import assert from "node:assert/strict";
import { barsOf, draw, eventsOf } from "./timeline";

const edge = "urn:pulumi:staging::https-edge::https-edge:index:HttpsEdge";
const crd = (name: string) =>
  `${edge}$https-edge:index:Crds$kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition::${name}`;
const gateway = `${edge}$https-edge:index:Gateway$kubernetes:gateway.networking.k8s.io/v1:Gateway::gateway`;
const begins = (timestamp: number, urn: string, op = "create") =>
  JSON.stringify({ timestamp, resourcePreEvent: { metadata: { urn, op } } });
const ends = (timestamp: number, urn: string, op = "create") =>
  JSON.stringify({ timestamp, resOutputsEvent: { metadata: { urn, op } } });

describe("The timeline of an up", () => {
  const log = [
    JSON.stringify({ timestamp: 100, preludeEvent: {} }),
    begins(102, crd("a")),
    begins(103, crd("b")),
    begins(104, `${edge}::edge`),
    begins(104, `${edge}$https-edge:index:Crds::crds`),
    ends(105, crd("a")),
    begins(106, gateway),
    ends(109, crd("b")),
    ends(110, gateway),
    begins(111, crd("c"), "same"),
  ];

  it("has a bar from a part's first resource to its last, without what stays the same", () => {
    assert.deepEqual(barsOf(eventsOf(`${log.join("\n")}\n`)), [
      { part: "Crds CustomResourceDefinition", from: 2, to: 9 },
      { part: "Gateway Gateway", from: 6, to: 10 },
    ]);
  });

  it("is drawn with a character a second", () => {
    assert.deepEqual(
      draw([
        { part: "Crds", from: 2, to: 5 },
        { part: "Gateway", from: 4, to: 4 },
      ]),
      ["Crds      ███ 2-5 s", "Gateway     █ 4-4 s"],
    );
  });

  it("of nothing is empty", () => assert.deepEqual(draw(barsOf([])), []));
});
