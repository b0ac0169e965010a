/** Puts back what a backup has kept, before `pulumi up` makes the edge that finds it: the CA is asked for nothing then. */
import { writeFile } from "node:fs/promises";
import { type Connection, type ConnectionArgs, connect } from "../components/standing/connection";
import { agreed } from "./agreed";
import { answered } from "./chosen";
import { CommandError, exitCodes } from "./exit";
import { type Backup, backupSchema, namespacePath, secretPath } from "./kept";
import { type Opening, open } from "./sealed";

/** What the command is called with. */
export interface RestoreOptions extends Opening, ConnectionArgs {
  /** The backup. */
  in: string;
  /** A file that is written with the stack's settings of then. */
  settings?: string;
  /** Asks nothing. */
  yes?: boolean;
}

/** Returns the exit code. */
export const restore = async (options: RestoreOptions): Promise<number> => {
  const content = contentOf(await open(options.in, options), options.in);
  return answered(async () => {
    const { kubeconfig, context } = options;
    const cluster = connect({ kubeconfig, context });
    console.log(`Backup of ${content.written}, to be put into cluster ${cluster.place}:`);
    for (const { metadata } of content.secrets) console.log(`  Secret ${metadata.namespace}/${metadata.name}`);
    if (!options.yes && !(await agreed("Put them there?"))) return exitCodes.cancelled;
    if (options.settings !== undefined) await writeSettings(options.settings, content);
    await put(cluster, content);
    console.log("Run pulumi up now: the edge takes them for its own.");
    return exitCodes.done;
  });
};

const contentOf = (text: string, file: string): Backup => {
  const parsed = backupSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(
    `--in must be a file of https-edge backup, got ${file}: ${issue?.path.join(".")} ${issue?.message}`,
    exitCodes.usage,
  );
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const writeSettings = async (file: string, { settings }: Backup): Promise<void> => {
  if (!settings) throw new CommandError("--settings must be in the backup, got one without", exitCodes.usage);
  await writeFile(file, settings.text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    const got = error.code === "EEXIST" ? "one that is there already" : error.message;
    throw new CommandError(`--settings must be a file to write, got ${file}: ${got}`, exitCodes.usage);
  });
  console.log(`Settings written to ${file}`);
};

/** What is there already is left as it is: it may be newer than the backup. */
const put = async (cluster: Connection, { namespaces, secrets }: Backup): Promise<void> => {
  const create = async (kind: string, place: string, path: string, body: object): Promise<void> => {
    const collection = path.slice(0, path.lastIndexOf("/"));
    const isNew = await cluster.create(collection, body);
    console.log(`${kind} ${place}: ${isNew ? "put back" : "is there already, and left as it is"}`);
  };
  for (const { metadata } of namespaces)
    await create("Namespace", metadata.name, namespacePath(metadata.name), {
      apiVersion: "v1",
      kind: "Namespace",
      metadata,
    });
  for (const secret of secrets) {
    const { namespace, name } = secret.metadata;
    await create("Secret", `${namespace}/${name}`, secretPath(namespace, name), {
      apiVersion: "v1",
      kind: "Secret",
      ...secret,
    });
  }
};
