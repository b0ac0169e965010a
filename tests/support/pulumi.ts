/** A Pulumi on PATH that knows one stack, and keeps what it is called with. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = `#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
attrs="$here/.pulumi/stacks/edges/prod.json.attrs"
case "$1 $2" in
  "whoami --json") echo "{\\"url\\": \\"file://$here\\"}" ;;
  "stack export")
    if [ -e "$attrs" ] && [ ! -s "$attrs" ]; then echo "error: failed to load checkpoint: EOF" >&2; exit 1; fi
    cat "$here/state" ;;
  "stack import") cat > "$here/imported" ;;
  "config get") cat "$here/uid" ;;
  "config --json") cat "$here/config" ;;
  "refresh "*) exit "$(cat "$here/code")" ;;
  "up "*|"destroy "*)
    if [ -e "$here/after" ]; then mv "$here/after" "$here/state"; fi
    exit "$(cat "$here/code")" ;;
esac
`;

/** A directory with the program, and the files that it answers from. */
export class FakePulumi {
  readonly directory = mkdtempSync(join(tmpdir(), "pulumi-"));
  private readonly path = process.env.PATH;
  private readonly cwd = process.cwd();

  /** Puts it first on PATH, in the directory of a project of its own. */
  constructor(state: object) {
    const program = this.write("pulumi", script);
    chmodSync(program, 0o755);
    this.write("state", JSON.stringify(state));
    this.write("code", "0");
    this.write("Pulumi.yaml", "name: edges\nruntime: nodejs\n");
    process.env.PATH = `${this.directory}:${this.path}`;
    process.chdir(this.directory);
  }

  /** Writes one of its files, and returns the path. `after` is the state that the next `up` or `destroy` leaves. */
  write(name: string, content: string): string {
    const path = join(this.directory, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** The state that it was given, if it was. */
  get imported(): unknown {
    const path = join(this.directory, "imported");
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  }

  /** What it was called with, a line each. */
  get calls(): string[] {
    const path = join(this.directory, "calls");
    return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  }

  remove(): void {
    process.env.PATH = this.path;
    process.chdir(this.cwd);
    rmSync(this.directory, { recursive: true });
  }
}
