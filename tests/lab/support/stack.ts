/** A stack of the project, driven by the real CLI with the committed stack files. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { clone, copyProject, type Ended, type Running, run, runDirectory, start, tree } from "../../../lab";

/** One stack in a working copy of its own. */
export class Stack {
  private constructor(
    readonly name: string,
    readonly directory: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes the stack in a fresh copy of the project; `env` is added to each of its commands. */
  static async create(name: "staging" | "prod", copy: string, env: NodeJS.ProcessEnv = {}): Promise<Stack> {
    const stack = new Stack(name, copyProject(copy), env);
    await stack.succeed("stack", "init", name);
    return stack;
  }

  /** The stack of a copy that may be there already, with the program as it is now. */
  static async open(name: "staging" | "prod", copy: string): Promise<Stack> {
    const stack = new Stack(name, copyProject(copy), {});
    await stack.succeed("stack", "select", "--create", name);
    return stack;
  }

  /** Tells whether a copy of the project is there. */
  static has(copy: string): boolean {
    return existsSync(join(runDirectory, "projects", copy));
  }

  /** The same stack under another name, which `pulumi stack rename` gave it. */
  renamed(name: string): Stack {
    return new Stack(name, this.directory, this.env);
  }

  /** The same stack with more in its environment. */
  with(env: NodeJS.ProcessEnv): Stack {
    return new Stack(this.name, this.directory, { ...this.env, ...env });
  }

  /** Runs a pulumi command to its end. */
  run(...args: string[]): Promise<Ended> {
    return run(this.command(args), { env: this.env });
  }

  /** Runs a pulumi command that must succeed. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, output: said } = await this.run(...args);
    // Its progress, which is long, says nothing that the end does not.
    assert.equal(code, 0, `pulumi ${args.join(" ")} ended with ${code}:\n${diagnosticsOf(said) || said}`);
    return stdout;
  }

  /** Starts a pulumi command, at the head of a process group as in a terminal. */
  start(...args: string[]): Running {
    return this.startHearing(args);
  }

  /** The same, and hears each line that it says. */
  startHearing(args: string[], heard?: (line: string) => void): Running {
    return start(this.command(args), { env: this.env, detached: true }, heard);
  }

  /** Runs one of our own commands on the stack, as `npx https-edge` does. */
  operation(...args: string[]): Promise<Ended> {
    return run(this.operationCommand(...args), { cwd: clone, env: this.env });
  }

  /** The command line of one of our own commands. */
  operationCommand(...args: string[]): string[] {
    const program = ["--import", "tsx", join(clone, "operations", "main.ts")];
    return [process.execPath, ...program, ...args, "-C", this.directory, "-s", this.name];
  }

  /** Runs commands that must stop, each saying so, and nothing that looks like an accident. */
  async refuses(says: RegExp, ...commands: string[][]): Promise<void> {
    for (const args of commands) {
      const { code, output: said } = await this.run(...args);
      assert.notEqual(code, 0, said);
      assert.match(said, says);
      assert.doesNotMatch(said, /unhandled exception|^ *at /m);
    }
  }

  up(): Promise<string> {
    return this.succeed("up", "--yes", "--skip-preview");
  }

  /** Sets a structured setting by its path, as `pulumi config set --path` does, which takes a second or more. */
  set(path: string, value: string): void {
    const [key = "", ...steps] = [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
      ([, quoted, index, name]) => quoted ?? (index === undefined ? (name ?? "") : Number(index)),
    );
    this.changeConfig((config) => {
      let place: Record<string | number, unknown> = config;
      let at = key;
      for (const step of steps) {
        place[at] ??= typeof step === "number" ? [] : {};
        place = place[at] as typeof place;
        at = step;
      }
      place[at] = /^(true|false|\d+)$/.test(value) ? JSON.parse(value) : value;
    });
  }

  /** Sets whole blocks of settings. */
  setBlocks(blocks: Record<string, object>): void {
    const prefixed = Object.entries(blocks).map(([key, block]) => [`https-edge:${key}`, block]);
    this.changeConfig((config) => Object.assign(config, Object.fromEntries(prefixed)));
  }

  private changeConfig(change: (config: Record<string, unknown>) => void): void {
    const file = this.settingsFile;
    const settings = load(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    change(settings.config);
    writeFileSync(file, dump(settings));
  }

  /** Leaves the CRDs to the cluster from the next `up` on, where a test is not about them: they take a quarter of each command's time. */
  leaveCrds(): void {
    this.setBlocks({ crds: { existing: true } });
  }

  /** The same before the first `up`, where an earlier edge has left them. */
  async leaveEarlierCrds(): Promise<void> {
    const { stdout } = await run(["kubectl", "get", "crds", "-o", "name"]);
    if (/gateways\.gateway\.networking\.k8s\.io/.test(stdout) && /envoyproxies\./.test(stdout)) this.leaveCrds();
  }

  /** The settings as they are now: what it returns puts them back. */
  keepSettings(): () => Promise<void> {
    const file = this.settingsFile;
    const settings = readFileSync(file);
    return async () => {
      writeFileSync(file, settings);
      await this.up();
    };
  }

  async destroy(): Promise<void> {
    await this.succeed("destroy", "--yes", "--skip-preview");
    await this.succeed("stack", "rm", "--yes", "--force", this.name);
    rmSync(this.directory, { recursive: true });
  }

  private get settingsFile(): string {
    return join(this.directory, `Pulumi.${this.name}.yaml`);
  }

  private command(args: string[]): string[] {
    return ["pulumi", "-C", this.directory, "--non-interactive", "--color", "never", ...args, ...this.selection(args)];
  }

  private selection([first, second]: string[]): string[] {
    return first === "stack" && /^(init|select|rm)$/.test(second ?? "") ? [] : ["--stack", this.name];
  }
}

/** Ends a command as the end of a container does: every process, plugins included. */
export const kill = (pid: number): void => {
  for (const each of tree(pid)) {
    try {
      process.kill(each.pid, "SIGKILL");
    } catch {
      // it has ended with its parent
    }
  }
};

/** Shorter than users wait, so that the tests do not: the lab's name servers and resolvers cache nothing. */
export const shortWait = ["https-edge:acme.waitInsteadOfSelfCheck", "3s"] as const;

/** A preview, and an `up` that no preview goes before. */
export const preview = ["preview"];
export const upAlone = ["up", "--yes", "--skip-preview"];

/** What Pulumi says at the end of a run: its progress shows the same lines while it runs. */
export const diagnosticsOf = (output: string): string => output.split("\nDiagnostics:")[1] ?? "";
