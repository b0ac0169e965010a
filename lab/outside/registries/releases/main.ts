/** Serves the release files on loopback, behind the front. */
import { readAssembly } from "../../../programs/assembly";
import { releaseServer } from "./server";

const port = Number(process.argv[2]);

releaseServer(readAssembly().releases).listen(port, "127.0.0.1", () => console.log(`release files on port ${port}`));
