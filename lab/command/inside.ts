/** The part of `lab up` that runs in the lab: the cluster, and beside it everything outside the cluster. */
import { join } from "node:path";
import { until } from "../client/until";
import { joinCgroups } from "../node/cgroups";
import { startKubernetes } from "../node/kubernetes";
import { startDetached } from "../node/start";
import { outsides } from "../outside";
import { log } from "../place";
import { programsOf, readAssembly } from "../programs/assembly";
import type { Programs } from "../service";
import { say } from "./progress";

const startOutside = async (programs: Programs): Promise<void> => {
  await Promise.all(
    outsides.map(async ({ prepare, services, afterStart }) => {
      await prepare?.();
      await Promise.all(
        services(programs).map(async ({ name, command, env, ready }) => {
          const running = startDetached(name, command, { ...process.env, ...env });
          await until(`${name} (see ${join(log, `${name}.log`)})`, () => ready(), { every: 50 }).catch(
            (error: Error) => {
              throw running() ? error : new Error(`${name} must run, but ended; see ${join(log, `${name}.log`)}`);
            },
          );
        }),
      );
      await afterStart?.();
    }),
  );
  say("the world outside: Let's Encrypt, Cloudflare, registries, DNS, balancer");
};

const main = async (): Promise<void> => {
  joinCgroups();
  const assembly = readAssembly();
  await Promise.all([startKubernetes(assembly.images, say), startOutside(programsOf(assembly))]);
};

main().then(
  () => process.exit(0), // the daemons go on
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
