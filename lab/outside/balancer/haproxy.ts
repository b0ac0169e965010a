/** The running HAProxy: reloaded through its master's socket, asked through its own. */
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

export interface Files {
  configuration: string;
  states: string;
  master: string;
  worker: string;
}

export interface ServerState {
  proxy: string;
  server: string;
  status: string;
  /** What came of the last question for its health; INI before the first. */
  check: string;
  connections: number;
}

export class HAProxy {
  private applied: string | undefined;

  constructor(readonly files: Files) {}

  /** Returns when a worker with this configuration has taken over. Does nothing when it already has. */
  async apply(configuration: string): Promise<void> {
    if (configuration === this.applied) return;
    await writeFile(this.files.configuration, configuration);
    await writeFile(this.files.states, await ask(this.files.worker, "show servers state"));
    const before = await this.worker();
    await ask(this.files.master, "reload");
    for (let waited = 0; (await this.worker().catch(() => before)) === before; waited += 10) {
      if (waited >= 5000) throw new Error("HAProxy did not take the new configuration: see its log");
      await setTimeout(10);
    }
    this.applied = configuration;
  }

  /** The process that accepts new connections. */
  private async worker(): Promise<string | undefined> {
    return /^Pid: (\d+)$/m.exec(await ask(this.files.worker, "show info"))?.[1];
  }

  /** Returns when each server has been asked for its health. */
  async asked(): Promise<void> {
    const open = async () => (await this.servers()).some(({ check }) => check === "INI");
    for (let waited = 0; await open(); waited += 50) {
      if (waited >= 5000) throw new Error("HAProxy did not ask all servers for their health: see its log");
      await setTimeout(50);
    }
  }

  async servers(): Promise<ServerState[]> {
    const [header = "", ...lines] = (await ask(this.files.worker, "show stat -1 4 -1")).trim().split("\n");
    const columns = header.replace("# ", "").split(",");
    return lines.map((line) => {
      const values = line.split(",");
      const column = (name: string) => values[columns.indexOf(name)] ?? "";
      return {
        proxy: column("pxname"),
        server: column("svname"),
        status: column("status"),
        check: column("check_status"),
        connections: Number(column("stot")),
      };
    });
  }
}

/** The sockets answer a command and close, once our side is closed. */
const ask = async (socket: string, command: string): Promise<string> => {
  const connection = connect(socket);
  connection.setTimeout(5000, () => connection.destroy(new Error(`${socket}: no answer to ${command}`)));
  connection.end(`${command}\n`);
  return text(connection);
};
