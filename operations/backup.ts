/** Keeps what an edge would have to ask of the CA again, in a file that age encrypts. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { answered, type ChosenOptions, chosenEdges } from "./chosen";
import { CommandError, exitCodes } from "./exit";
import { type Backup, readKept } from "./kept";
import { pulumi } from "./pulumi";
import { type Sealing, seal } from "./sealed";

/** What the command is called with. */
export interface BackupOptions extends ChosenOptions, Sealing {
  /** The file to write. */
  out: string;
}

/** Returns the exit code. */
export const backup = async (options: BackupOptions): Promise<number> => {
  const edges = await chosenEdges(options, console.log);
  const kept = await answered(() => Promise.all(edges.map(readKept)));
  const missing = kept.flatMap((each) => each.missing);
  if (missing.length > 0)
    throw new CommandError(
      `every Secret of the edge must be there, got none of ${missing.join(", ")} (https-edge verify tells why; nothing was written)`,
      exitCodes.unfit,
    );
  const namespaces = kept.flatMap((each) => each.namespaces);
  const content: Backup = {
    product: "https-edge",
    version: 1,
    written: new Date().toISOString(),
    namespaces: namespaces.filter(
      ({ metadata }, index) => namespaces.findIndex((each) => each.metadata.name === metadata.name) === index,
    ),
    secrets: kept.flatMap((each) => each.secrets),
    settings: options.gateway === undefined ? await settingsOf(options) : undefined,
  };
  await seal(options.out, JSON.stringify(content, undefined, 2), options);
  for (const { metadata } of content.secrets) console.log(`Secret ${metadata.namespace}/${metadata.name}`);
  if (content.settings) console.log(`Settings ${content.settings.file}`);
  console.log(
    `Written to ${options.out}. Whoever can open it can serve in the edge's name: keep it as you keep the keys.`,
  );
  return exitCodes.done;
};

/** The stack's file beside Pulumi.yaml, if there is one. */
const settingsOf = async ({ stack }: ChosenOptions): Promise<Backup["settings"]> => {
  const name = stack ?? (await pulumi("stack", "--show-name")).stdout.trim();
  const file = `Pulumi.${basename(name)}.yaml`;
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : { file, text };
};
