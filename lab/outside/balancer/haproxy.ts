/** The running HAProxy: reloaded through its master's socket, asked through its own. */
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

export interface Sockets {
  configuration: string;
  master: string;
  worker: string;
}

export interface ServerState {
  proxy: string;
  server: string;
  status: string;
  connections: number;
}

export class HAProxy {
  private applied: string | undefined;

  constructor(readonly sockets: Sockets) {}

  /** Returns when a worker with this configuration has taken over. Does nothing when it already has. */
  async apply(configuration: string): Promise<void> {
    if (configuration === this.applied) return;
    await writeFile(this.sockets.configuration, configuration);
    const before = await this.worker();
    await ask(this.sockets.master, "reload");
    for (let waited = 0; (await this.worker().catch(() => before)) === before; waited += 10) {
      if (waited >= 5000) throw new Error("HAProxy did not take the new configuration: see its log");
      await setTimeout(10);
    }
    this.applied = configuration;
  }

  /** The process that accepts new connections. */
  private async worker(): Promise<string | undefined> {
    return /^Pid: (\d+)$/m.exec(await ask(this.sockets.worker, "show info"))?.[1];
  }

  async servers(): Promise<ServerState[]> {
    const [header = "", ...lines] = (await ask(this.sockets.worker, "show stat -1 4 -1")).trim().split("\n");
    const columns = header.replace("# ", "").split(",");
    return lines.map((line) => {
      const values = line.split(",");
      const column = (name: string) => values[columns.indexOf(name)] ?? "";
      return {
        proxy: column("pxname"),
        server: column("svname"),
        status: column("status"),
        connections: Number(column("stot")),
      };
    });
  }
}

/** The sockets answer a command and close, once our side is closed. */
async function ask(socket: string, command: string): Promise<string> {
  const connection = connect(socket);
  connection.setTimeout(5000, () => connection.destroy(new Error(`${socket}: no answer to ${command}`)));
  connection.end(`${command}\n`);
  return text(connection);
}
