/** Puts the lab up: builds what is missing, makes the namespaces, and starts everything inside. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeCgroups } from "../node/cgroups";
import { enter, startInit } from "../node/namespaces";
import { makeNetwork } from "../node/network";
import { directories } from "../node/paths";
import { type LabRecord, liveInit, readRecord, writeRecord } from "../node/record";
import { enoughWatchers, readSysctls, writeSysctls } from "../node/sysctls";
import { hasRemains, takeDown } from "../node/takeDown";
import { clone, dns, log, name, run, trust } from "../place";
import { assemble, programsOf, writeAssembly } from "../programs/assembly";
import { makeEnvironment, writeRunner } from "./environment";
import { alone } from "./lock";
import { say } from "./progress";
import { meetRequirements } from "./requirements";

/** The command that enters a running lab. */
export const runner = join(run, "enter");

/** Puts the lab up, or says that it is. */
export const up = (): Promise<void> =>
  alone(async () => {
    meetRequirements();
    const assembly = await assemble(progress);
    const programs = programsOf(assembly);
    const pins = JSON.stringify(assembly);

    const record = readRecord();
    if (record?.since && liveInit(record) && record.clone === clone && record.pins === pins) {
      say(`lab "${name}" is up since ${record.since}`);
      return;
    }
    if (await hasRemains()) {
      say(
        record?.clone === clone
          ? "clearing what an earlier lab left"
          : `clearing the lab of ${record?.clone ?? "an unknown clone"}`,
      );
      await takeDown();
    }

    for (const directory of [run, log, dns.zones, join(trust.staging, ".."), ...directories])
      mkdirSync(directory, { recursive: true });
    const started: LabRecord = { clone, pins, sysctls: readSysctls() };
    writeRecord(started);
    writeAssembly(assembly);
    writeSysctls(enoughWatchers);
    makeCgroups();
    await makeNetwork();
    started.init = await startInit(programs.bin("pause"));
    writeRecord(started);
    const environment = await makeEnvironment(programs);
    writeRunner(runner, enter(started.init.pid, clone), environment);
    say("namespaces");

    const inside = spawn(runner, [process.execPath, "--import", require.resolve("tsx"), join(__dirname, "inside.ts")], {
      stdio: "inherit",
    });
    const [code] = await once(inside, "exit");
    if (code !== 0) throw new Error(`the lab did not come up; its logs are in ${log}, and lab/lab down clears it`);
    writeRecord({ ...started, since: new Date().toISOString() });
    say(`lab "${name}" is up`);
  });

/** Builds take minutes the first time; what is there already is not worth a line. */
const progress = (what: string, state: string): void => {
  if (state !== "cached" && state !== "installed") say(`${what}: ${state}`);
};
