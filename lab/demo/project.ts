/** Lays out the demo's working copy of the project and prints where it is. An earlier demo's stack files stay, since its stack does. */
import { copyProject } from "../client/project";

console.log(copyProject("demo"));
