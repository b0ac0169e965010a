/** Pods as the bench reads them, and what their processes use. */
import { readdirSync, readFileSync } from "node:fs";
import { output, run } from "../tools/process";
import { read } from "../tools/processes";

/** What is read of a pod. */
export interface Pod {
  metadata: { name: string; namespace: string };
  spec: { nodeName: string; containers: Container[] };
  status: { podIP: string; phase: string; containerStatuses: { name: string; ready: boolean; containerID: string }[] };
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  resources?: object;
  securityContext?: object;
}

/** What the processes of a container have used and hold. */
export interface Use {
  /** Of all threads, user and system, since the container started. */
  processorSeconds: number;
  /** What belongs to them alone, without the program's own file, in MiB. */
  memory: number;
}

/** The name of the container in which a proxy's Envoy runs, as Envoy Gateway has it. */
export const envoyContainer = "envoy";

/** Gives a value of a kubectl command that prints JSON. */
export const kubectl = async <T>(...args: string[]): Promise<T> =>
  JSON.parse(await output(["kubectl", ...args, "--output=json"])) as T;

/** Applies manifests, which may be a thousand: an error tells of those that failed, and not of all the others. */
export const apply = async (manifests: object[]): Promise<void> => {
  const input = [JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests })];
  const { code, stderr } = await run(["kubectl", "apply", "--filename=-"], { input });
  if (code !== 0) throw new Error(`kubectl apply: ${stderr.trim()}`);
};

/** The pods of a namespace that have labels, and whose Envoys are all ready, by name. */
export const readyPods = async (namespace: string, labels: Record<string, string>): Promise<Pod[]> => {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const { items } = await kubectl<{ items: (Pod & { metadata: { deletionTimestamp?: string } })[] }>(
    ...["get", "pods", `--namespace=${namespace}`, `--selector=${selector.join(",")}`],
  );
  return items.filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && status.containerStatuses?.every(({ ready }) => ready),
  );
};

/** The container of a pod with that name. */
export const containerOf = ({ metadata, spec }: Pod): Container => {
  const found = spec.containers.find(({ name }) => name === envoyContainer);
  if (!found) throw new Error(`pod ${metadata.name} must have a container ${envoyContainer}`);
  return found;
};

/** What the Envoy of a pod has used so far. All of the lab's processes are seen from inside the lab. */
export const useOf = (pod: Pod): Use => {
  const pids = processesOf(pod);
  const ticks = pids.flatMap(read).reduce((sum, { used }) => sum + used, 0);
  const kib = pids.reduce((sum, pid) => sum + Number(field(`/proc/${pid}/status`, /^RssAnon:\s+(\d+) kB$/m)), 0);
  return { processorSeconds: ticks / 100, memory: kib / 1024 };
};

/** How many workers the Envoy of a pod has, by the names of its threads. */
export const workersOf = (pod: Pod): number =>
  processesOf(pod)
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/comm`))
    .filter((file) => readFileSync(file, "utf8").startsWith("wrk:worker")).length;

const processesOf = ({ metadata, status }: Pod): number[] => {
  const { containerID } = status.containerStatuses.find(({ name }) => name === envoyContainer) ?? {};
  const id = containerID?.replace(/^\w+:\/\//, "");
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && id && isIn(entry, id));
  if (pids.length === 0) throw new Error(`the Envoy of pod ${metadata.name} must run`);
  return pids.map(Number);
};

const isIn = (pid: string, container: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(container);
  } catch {
    return false; // it has ended in the meantime
  }
};

const field = (file: string, pattern: RegExp): string | undefined => pattern.exec(readFileSync(file, "utf8"))?.[1];
