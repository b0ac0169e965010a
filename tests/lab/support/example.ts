/** An example as its user has it: a copy of its folder, with what `npm install` would put beside it. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clone, type Ended, output, run, runDirectory } from "../../../lab";

/** The package as npm packs it. */
interface Packed {
  tarball: string;
  /** Paths of what is in it. */
  files: string[];
}

let packing: Promise<Packed> | undefined;
/** Packs the package, once. */
export const pack = (): Promise<Packed> => {
  packing ??= (async () => {
    const into = join(runDirectory, "packed");
    mkdirSync(into, { recursive: true });
    // Where npm has not looked for a newer npm for a week, it would do so first: of a registry outside the lab.
    const told = await output(
      ["npm", "--no-update-notifier", "--prefix", clone, "pack", clone, "--json", "--pack-destination", into],
      { cwd: into },
    );
    const [packed] = JSON.parse(told) as { filename: string; files: { path: string }[] }[];
    assert.ok(packed);
    return { tarball: join(into, packed.filename), files: packed.files.map(({ path }) => path) };
  })();
  return packing;
};

/** One example, and a stack of it. */
export class Example {
  private constructor(
    readonly directory: string,
    private readonly stack: string,
    private readonly environment: string[],
  ) {}

  /** Lays it out. With `environment`, its commands have these variables and no others. */
  static async install(name: string, stack: string, environment?: Record<string, string>): Promise<Example> {
    const directory = join(runDirectory, "projects", name);
    const modules = join(directory, "node_modules");
    cpSync(join(clone, "examples", name), directory, { recursive: true });
    mkdirSync(join(modules, "https-edge"), { recursive: true });
    for (const entry of readdirSync(join(clone, "node_modules")))
      symlinkSync(join(clone, "node_modules", entry), join(modules, entry));
    const { tarball } = await pack();
    await output(["tar", "-xzf", tarball, "--strip-components=1", "-C", join(modules, "https-edge")]);
    const only = environment && ["env", "-i", ...Object.entries(environment).map(([key, value]) => `${key}=${value}`)];
    return new Example(directory, stack, only ?? []);
  }

  /** Changes one of its files. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.directory, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  /** Runs any command in its directory. */
  do(command: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return run([...this.environment, ...command], { cwd: this.directory, env });
  }

  /** Runs a pulumi command. */
  pulumi(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.do(["pulumi", "--non-interactive", "--color", "never", ...args], env);
  }

  /** Runs a pulumi command that must succeed. */
  async succeed(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const ended = await this.pulumi(args, env);
    assert.equal(ended.code, 0, ended.output);
    return ended.stdout;
  }

  init(): Promise<string> {
    return this.succeed(["stack", "init", this.stack]);
  }

  up(): Promise<string> {
    return this.succeed(["up", "--yes", "--skip-preview"]);
  }

  /** URNs of what a preview would do, each as type and name; it must be to create, and nothing else. */
  private async creates(env: NodeJS.ProcessEnv = {}): Promise<string[]> {
    const told = await this.succeed(["preview", "--json"], env);
    const { steps, changeSummary } = JSON.parse(told) as { steps: { urn: string }[]; changeSummary: object };
    assert.deepEqual(Object.keys(changeSummary), ["create"]);
    return steps.map(({ urn }) => urn.split("::").slice(2).join(" "));
  }

  /** Asserts that a preview would create the edge with its parts, and a route on it. */
  async createsEdgeAndRoute(env: NodeJS.ProcessEnv = {}): Promise<void> {
    const names = await this.creates(env);
    for (const name of [
      "https-edge:index:HttpsEdge edge",
      "https-edge:index:HttpsEdge$https-edge:index:Gateway$kubernetes:gateway.networking.k8s.io/v1:Gateway edge-gateway",
      "https-edge:index:HttpsRoute$kubernetes:gateway.networking.k8s.io/v1:HTTPRoute shop",
    ])
      assert.ok(names.includes(name), `${name} is not in:\n${names.join("\n")}`);
  }

  /** Takes the stack away, and what was laid out. */
  async remove(): Promise<void> {
    await this.succeed(["destroy", "--yes", "--skip-preview"]);
    await this.succeed(["stack", "rm", "--yes", this.stack]);
    this.clear();
  }

  /** Removes what was laid out. */
  clear(): void {
    rmSync(this.directory, { recursive: true });
  }
}
