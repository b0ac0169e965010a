/** Puts the lab up: builds what is missing, makes the namespaces, and starts everything inside. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeGroup, outsideGroup } from "../cluster/cgroups";
import { clearMachine, isLost, makeMachine } from "../cluster/machine";
import { enter, holdOutside } from "../cluster/namespaces";
import { makeNetwork } from "../cluster/network";
import { outsideRoot, pki, rootOf } from "../cluster/paths";
import { type LabRecord, liveInit, readRecord, writeRecord } from "../cluster/record";
import { hasRemains, takeDown } from "../cluster/takeDown";
import { raiseWatchers } from "../cluster/watchers";
import { clone, dns, log, type Node, name, nodes, run, trust } from "../layout";
import { type Assembly, assemble, type Wanted, writeAssembly } from "../programs/assembly";
import { programsOf } from "../service";
import { alone } from "../tools/lock";
import { show } from "../tools/process";
import { makeEnvironment, writeRunner } from "./environment";
import { pinsOf } from "./pins";
import { say } from "./progress";
import { meetRequirements } from "./requirements";

/** The command that enters a running lab. */
export const runner = join(run, "enter");

/** Changes the lab while no other command does. */
export const changing = (work: () => Promise<void>): Promise<void> =>
  alone(`${run}.lock`, () => say(`waiting for another command that changes lab "${name}"`), work);

/** Puts the lab up and replaces nodes that were lost, or says that all of it is up already. */
export const up = async (wanted?: Wanted): Promise<void> => {
  await meetRequirements();
  const assembly = await assemble(progress, wanted);
  const pins = pinsOf(assembly);
  await changing(async () => {
    const record = readRecord();
    const sound = record?.since && liveInit(record) && record.clone === clone && record.pins === pins;
    if (sound && !isLost(nodes[0])) {
      const lost = nodes.filter(isLost);
      for (const node of lost) await replace(node, record, assembly);
      say(`lab "${name}" is up since ${record.since}`);
      return;
    }
    if (await hasRemains()) {
      say(`clearing ${record && record.clone !== clone ? `the lab of ${record.clone}` : "what an earlier lab left"}`);
      await takeDown();
    }
    await start(assembly, pins);
    say(`lab "${name}" is up`);
  });
};

const start = async (assembly: Assembly, pins: string): Promise<void> => {
  mkdirSync(run, { recursive: true, mode: 0o700 }); // it holds private keys
  for (const directory of [log, dns.zones, dirname(trust.staging), pki]) mkdirSync(directory, { recursive: true });
  const record: LabRecord = { clone, pins };
  writeRecord(record);
  writeAssembly(assembly);
  raiseWatchers();
  makeGroup(outsideGroup);
  await makeNetwork();
  const programs = programsOf(assembly.programs);
  const pause = programs.bin("pause");
  const init = await holdOutside({ root: outsideRoot, group: outsideGroup, pause });
  record.init = init;
  writeRecord(record);
  await Promise.all(nodes.map((node) => makeMachine(node, init, pause)));
  // What people ask containerd for without an address, they ask of the first node.
  symlinkSync(join(rootOf(nodes[0]), "run", "containerd"), join(outsideRoot, "run", "containerd"));
  writeRunner(runner, enter(init.pid), await makeEnvironment(programs));
  say("namespaces");
  await inside();
  writeRecord({ ...record, since: new Date().toISOString() });
};

const replace = async (node: Node, { init }: LabRecord, assembly: Assembly): Promise<void> => {
  if (!init) throw new Error("a lab that is up must have a process that holds it");
  say(`replacing ${node.name}, which was lost`);
  await clearMachine(node);
  await makeMachine(node, init, programsOf(assembly.programs).bin("pause"));
  await inside(node.name);
};

/** The part that runs in the lab: all of it, or a node alone. */
const inside = async (...args: string[]): Promise<void> => {
  const command = [process.execPath, "--import", require.resolve("tsx"), join(__dirname, "inside.ts"), ...args];
  if ((await show([runner, ...command])) !== 0)
    throw new Error(`the lab did not come up (its logs are in ${log}; lab/lab down clears it)`);
};

/** Reports a build, because the first one takes minutes. What is there already gets no line. */
const progress = (what: string, state: string): void => {
  if (state !== "cached" && state !== "installed") say(`${what}: ${state}`);
};
