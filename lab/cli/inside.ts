/**
 * The part of `lab up` that runs in the lab. It starts the cluster and, at the same time, everything outside the cluster. Given a node's name,
 * it starts that node alone.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { joinGroup, outsideGroup } from "../cluster/cgroups";
import { restartNode, startKubernetes } from "../cluster/kubernetes";
import { log, nodes } from "../layout";
import { outsides } from "../outside";
import { readAssembly } from "../programs/assembly";
import { type Programs, programsOf, type Service } from "../service";
import { startDaemon } from "../tools/process";
import { until } from "../tools/until";
import { say } from "./progress";

/** A service that accepts a request and never answers counts as not ready. */
const answers = ({ ready }: Service): Promise<boolean> => Promise.race([ready(), sleep(5_000, false, { ref: false })]);

const startService = async (service: Service): Promise<void> => {
  const { name, command, env } = service;
  const file = join(log, `${name}.log`);
  const running = startDaemon(file, command, env);
  await until(
    `${name} (see ${file})`,
    async () => {
      if (!running()) throw new Error("it has ended");
      return answers(service);
    },
    { every: 50 },
  );
};

const startOutside = async (programs: Programs): Promise<void> => {
  await Promise.all(outsides.map(({ prepare }) => prepare?.()));
  await Promise.all(
    outsides.map(async ({ services, afterStart }) => {
      await Promise.all(services(programs).map(startService));
      await afterStart?.();
    }),
  );
  say("outside the cluster: Let's Encrypt, Cloudflare, registries, DNS, load balancer");
};

const main = async ([nodeName]: string[]): Promise<void> => {
  const assembly = readAssembly();
  const node = nodes.find(({ name }) => name === nodeName);
  if (node) return restartNode(node, assembly, say);
  joinGroup(outsideGroup);
  await Promise.all([startKubernetes(assembly, say), startOutside(programsOf(assembly.programs))]);
};

main(process.argv.slice(2)).then(
  () => process.exit(0), // the daemons keep running
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
