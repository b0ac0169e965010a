/** Makes the demo's working copy of the project and prints its path. An earlier demo's stack files stay, because its stack stays. */
import { copyProject } from "../client/project";

console.log(copyProject("demo"));
