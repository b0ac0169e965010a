/** The node's mount, pid, uts and ipc namespaces, held by one process. */
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { log, namespaces } from "../layout";
import { startOf } from "../tools/processes";
import { until } from "../tools/until";
import { nodeName, ready, root } from "./paths";

/** Starts PID 1 of the node and returns it as the machine counts. Ending it ends every process in the lab, and every mount. */
export const startInit = async (pause: string): Promise<{ pid: number; started: string }> => {
  const out = openSync(join(log, "init.log"), "a");
  const child = spawn(
    "nsenter",
    [
      ...[
        `--net=/run/netns/${namespaces.node}`,
        "unshare",
        "--mount",
        "--propagation",
        "slave",
        "--pid",
        "--fork",
        "--uts",
        "--ipc",
      ],
      ...[join(__dirname, "init.sh"), root, nodeName, pause],
    ],
    { detached: true, stdio: ["ignore", out, out] },
  );
  child.unref();
  const outer = child.pid;
  if (!outer) throw new Error("unshare must start");
  await until(`namespaces of the node (see ${join(log, "init.log")})`, async () => existsSync(ready), {
    seconds: 20,
    every: 20,
  });
  const pid = Number(readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim());
  const started = startOf(pid);
  if (!started) throw new Error(`PID 1 of the node must run; see ${join(log, "init.log")}`);
  return { pid, started };
};

/** What puts a command into the node's namespaces, but into the network outside the cluster. */
export const enter = (init: number): string[] => [
  ...["nsenter", "-t", String(init), "--mount", "--pid", "--uts", "--ipc"],
  ...[`--net=/run/netns/${namespaces.outside}`, "--"],
];
