/** Lays out the demo's working copy of the project and prints where it is. An earlier demo's copy stays, since its stack does. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { copyProject } from "../client/project";
import { run } from "../place";

const at = join(run, "projects", "demo");
console.log(existsSync(at) ? at : copyProject("demo"));
