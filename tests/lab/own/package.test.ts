import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { clone, output, run, runDirectory } from "../../../lab";

const project = join(runDirectory, "projects", "component");
const modules = join(project, "node_modules");
const pulumi = (...args: string[]): string[] => [
  "pulumi",
  "-C",
  project,
  "--non-interactive",
  "--color",
  "never",
  ...args,
];

/** Lays out what `npm install` would: the packed package, and its dependencies beside it. */
const install = async (): Promise<void> => {
  for (const entry of readdirSync(join(clone, "node_modules")))
    symlinkSync(join(clone, "node_modules", entry), join(modules, entry));
  const pack = ["--prefix", clone, "pack", clone, "--json", "--pack-destination", modules];
  // Where npm has not looked for a newer npm for a week, it would do so first: of a registry outside the lab.
  const packed = JSON.parse(await output(["npm", "--no-update-notifier", ...pack])) as { filename: string }[];
  const at = join(modules, "https-edge");
  mkdirSync(at);
  await output(["tar", "-xzf", join(modules, packed[0]?.filename ?? ""), "--strip-components=1", "-C", at]);
};

describe("The package, in somebody else's program", () => {
  before(async () => {
    cpSync(join(clone, "examples", "component"), project, { recursive: true });
    mkdirSync(modules);
    await install();
    await output(pulumi("stack", "init", "dev"));
  });
  after(async () => {
    await output(pulumi("stack", "rm", "dev", "--yes"));
    rmSync(project, { recursive: true });
  });

  it("is a component with its parts, and what a route attaches to", async () => {
    const ended = await run(pulumi("preview", "--json"));
    assert.equal(ended.code, 0, ended.output);
    const { steps, changeSummary } = JSON.parse(ended.stdout) as { steps: { urn: string }[]; changeSummary: object };
    const names = steps.map(({ urn }) => urn.split("::").slice(2).join(" "));
    for (const name of [
      "https-edge:index:HttpsEdge edge",
      "https-edge:index:HttpsEdge$https-edge:index:Gateway$kubernetes:gateway.networking.k8s.io/v1:Gateway edge-gateway",
      "https-edge:index:HttpsRoute$kubernetes:gateway.networking.k8s.io/v1:HTTPRoute shop",
    ])
      assert.ok(names.includes(name), `${name} is not in:\n${names.join("\n")}`);
    assert.deepEqual(Object.keys(changeSummary), ["create"]);
  });

  it("fits the program's types, as they are packed", async () => {
    await output([
      process.execPath,
      ...[join(clone, "node_modules", "typescript", "bin", "tsc"), "--noEmit", "--strict", "--skipLibCheck"],
      ...["--target", "ES2022", "--module", "nodenext", "--types", "node", join(project, "index.ts")],
    ]);
  });
});
