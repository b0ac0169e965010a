import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import schema from "../plugin/schema.json";

const file = (name: string): string => join(__dirname, "..", name);
const read = (name: string): string => readFileSync(file(name), "utf8");
const manifest = JSON.parse(read("package.json"));

interface Workflow {
  permissions: object;
  jobs: Record<string, { permissions: object; steps: { uses?: string; run?: string }[] }>;
}

describe("The package", () => {
  it("can be published, as the licence that stands here", () => {
    assert.equal(manifest.private, undefined);
    assert.match(read("LICENSE"), /Apache License\s+Version 2\.0/);
    assert.equal(manifest.license, "Apache-2.0");
  });

  it("has one version, which the changelog tells of and the plugin has", () => {
    const [, newest] = /^## (\S+)$/m.exec(read("CHANGELOG.md")) ?? [];
    assert.equal(newest, manifest.version);
    assert.equal(schema.version, manifest.version);
  });

  it("has a plugin of the name that Pulumi's engine looks for, as a program", () => {
    const name = `pulumi-resource-${schema.name}`;
    assert.equal(manifest.bin[name], name);
    assert.ok(statSync(file(name)).mode & 0o100);
  });

  it("is published by a workflow that may do nothing else, with provenance and by pinned actions", () => {
    const { permissions, jobs } = load(read(".github/workflows/publish.yaml")) as Workflow;
    assert.deepEqual(permissions, {});
    assert.deepEqual(Object.keys(jobs), ["publish"]);
    const { permissions: own, steps = [] } = jobs.publish ?? {};
    assert.deepEqual(own, { contents: "read", "id-token": "write" });
    assert.ok(steps.some(({ run }) => /^npm publish .*--provenance/.test(run ?? "")));
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    assert.ok(actions.length > 0);
    for (const action of actions) assert.match(action, /@[0-9a-f]{40}$/);
  });
});
