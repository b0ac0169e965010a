/** Puts the lab up: builds what is missing, makes the namespaces, and starts everything inside. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeCgroups } from "../cluster/cgroups";
import { enter, startInit } from "../cluster/namespaces";
import { makeNetwork } from "../cluster/network";
import { directories } from "../cluster/paths";
import { type LabRecord, liveInit, readRecord, writeRecord } from "../cluster/record";
import { hasRemains, takeDown } from "../cluster/takeDown";
import { raiseWatchers } from "../cluster/watchers";
import { clone, dns, log, name, run, trust } from "../layout";
import { type Assembly, assemble, writeAssembly } from "../programs/assembly";
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

/** Puts the lab up, or says that it is up already. */
export const up = async (): Promise<void> => {
  await meetRequirements();
  const assembly = await assemble(progress);
  const pins = pinsOf(assembly);
  await changing(async () => {
    const record = readRecord();
    if (record?.since && liveInit(record) && record.clone === clone && record.pins === pins) {
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
  for (const directory of [log, dns.zones, dirname(trust.staging), ...directories])
    mkdirSync(directory, { recursive: true });
  const record: LabRecord = { clone, pins };
  writeRecord(record);
  writeAssembly(assembly);
  raiseWatchers();
  makeCgroups();
  await makeNetwork();
  const programs = programsOf(assembly.programs);
  record.init = await startInit(programs.bin("pause"));
  writeRecord(record);
  writeRunner(runner, enter(record.init.pid), await makeEnvironment(programs));
  say("namespaces");

  const inside = [runner, process.execPath, "--import", require.resolve("tsx"), join(__dirname, "inside.ts")];
  if ((await show(inside)) !== 0)
    throw new Error(`the lab did not come up (its logs are in ${log}; lab/lab down clears it)`);
  writeRecord({ ...record, since: new Date().toISOString() });
};

/** Reports a build, because the first one takes minutes. What is there already gets no line. */
const progress = (what: string, state: string): void => {
  if (state !== "cached" && state !== "installed") say(`${what}: ${state}`);
};
