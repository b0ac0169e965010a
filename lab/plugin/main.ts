/** Serves the plugin to the Pulumi engine. The engine reads the port from the first line of the output. */
import { serve } from "./server";

/** A killed engine stops no plugin, so the plugin stops by itself when it has lost the engine. */
const stopWithEngine = (): void => {
  const engine = process.ppid;
  setInterval(() => process.ppid === engine || process.exit(), 1000);
};

const main = async (): Promise<void> => {
  stopWithEngine();
  const { port } = await serve();
  process.stdout.write(`${port}\n`);
};

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
