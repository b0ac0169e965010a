/** Prints which services outside the cluster answer, as JSON. Runs inside the lab. */
import { setTimeout as sleep } from "node:timers/promises";
import { outsides } from "../outside";
import { readAssembly } from "../programs/assembly";
import { programsOf } from "../service";

const programs = programsOf(readAssembly().programs);
const services = outsides.flatMap((outside) => outside.services(programs));
const ask = async (ready: () => Promise<boolean>): Promise<boolean> =>
  Promise.race([ready().catch(() => false), sleep(2_000, false)]);

Promise.all(services.map(async ({ name, ready }) => [name, await ask(ready)])).then((answers) => {
  console.log(JSON.stringify(Object.fromEntries(answers)));
  process.exit(0);
});
