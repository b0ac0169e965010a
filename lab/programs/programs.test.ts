import assert from "node:assert/strict";
import { build } from "./build";
import { requiredVersion } from "./goModule";
import { imageNames } from "./images";
import { fits, requiredCli } from "./installed";

describe("requiredVersion", () => {
  const goMod = "module lab/x\n\nrequire one.example/a v1.2.3\n\nrequire (\n\ttwo.example/b v0.1.0 // indirect\n)\n";
  it("finds a module on a line of its own", () => assert.equal(requiredVersion(goMod, "one.example/a"), "v1.2.3"));
  it("finds a module in a block", () => assert.equal(requiredVersion(goMod, "two.example/b"), "v0.1.0"));
  it("rejects one that is not required", () =>
    assert.throws(() => requiredVersion(goMod, "three.example/c"), /must require/));
  it("does not take a replacement for a requirement", () =>
    assert.throws(() => requiredVersion("replace (\n\tfour.example/d => ./d\n)\n", "four.example/d")));
});

describe("imageNames", () => {
  it("names an image with a digest by its tag and by its digest", () =>
    assert.deepEqual(imageNames("r.example:5000/envoy:v1@sha256:ab"), [
      "r.example:5000/envoy:v1",
      "r.example:5000/envoy@sha256:ab",
    ]));
  it("leaves a tag alone", () => assert.deepEqual(imageNames("r.example/envoy:v1"), ["r.example/envoy:v1"]));
});

describe("fits", () => {
  for (const version of ["v3.244.1\n", "v3.244.2", "v3.245.0"])
    it(`accepts ${version.trim()}`, () => assert.ok(fits(version, ">=3.244.1")));
  for (const version of ["v3.244.0", "v3.243.9", "v2.300.0", "v4.0.0", "", "v3.x"]) {
    it(`refuses ${JSON.stringify(version)}`, () => assert.equal(fits(version, ">=3.244.1"), false));
  }
  it("knows what Pulumi.yaml asks for", async () => {
    const range = await requiredCli();
    assert.match(range, /^>=3\.\d+\.\d+$/);
    assert.ok(fits(range.slice(2), range));
  });
});

describe("build", () => {
  it("rejects a program that is not there", () =>
    assert.rejects(build(["docker"]), /no program docker; there are pause, /));
});
