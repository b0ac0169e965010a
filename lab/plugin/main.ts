/** Serves the plugin to the Pulumi engine, which reads the port from the first line of the output. */
import { serve } from "./server";

/** An engine that was killed stops nobody: whoever has lost it stops by itself. */
const stopWithEngine = (): void => {
  const engine = process.ppid;
  setInterval(() => process.ppid === engine || process.exit(), 1000);
};

const main = async (): Promise<void> => {
  stopWithEngine();
  const { port } = await serve();
  process.stdout.write(`${port}\n`);
  // The official client takes its time to load: it does so while the engine starts the program.
  setImmediate(() => require("./client"));
};

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
