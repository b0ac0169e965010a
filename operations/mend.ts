/** Puts right what a killed Pulumi has left: a stack that cannot be read, and DNS records that the stack does not know. */
import { askCloudflare, whyNot } from "../components/standing/cloudflareApi";
import { agreed } from "./agreed";
import { readConfig } from "./config";
import { CommandError, exitCodes } from "./exit";
import { deployingToken, noDeployingToken } from "./intended";
import { type BegunRecord, recordsOf } from "./stackState";
import { readState, type StackRef } from "./state";

/** What the command is called with. */
export interface MendOptions extends StackRef {
  /** Asks nothing. */
  yes?: boolean;
}

/** Says what it did, and returns the exit code. */
export const mend = async (options: MendOptions): Promise<number> => {
  let count = 0;
  const state = await readState(options, (file) => {
    count += 1;
    console.log(mendedMessage(file));
  });
  const { ids, begun } = recordsOf(state);
  const orphans = begun.length === 0 ? [] : await orphansOf(begun, ids, options);
  for (const { record } of orphans)
    console.log(`${nameOf(record)} was created by a killed run, and the stack does not know it.`);
  if (orphans.length > 0 && !options.yes && !(await agreed("Delete that, so that pulumi up can create it?")))
    return exitCodes.cancelled;
  for (const { id, record, credential } of orphans) {
    const said = await askCloudflare(credential, `/zones/${record.zoneId}/dns_records/${id}`, "DELETE");
    if (!("result" in said)) throw notMended(record, whyNot(said));
    console.log(`${nameOf(record)} is deleted; pulumi up creates it.`);
  }
  if (count + orphans.length === 0)
    console.log("The stack can be read, and knows its DNS records: there is nothing to mend.");
  return exitCodes.done;
};

/** What is said of a file that was deleted. */
export const mendedMessage = (file: string): string =>
  `Deleted the empty ${file}, which a killed Pulumi left; the stack's own file is whole.`;

interface Orphan {
  id: string;
  record: BegunRecord;
  credential: string;
}

/** Records that are just as a killed run was creating them, comment included, and that the stack does not have. */
const orphansOf = async (begun: BegunRecord[], known: string[], ref: StackRef): Promise<Orphan[]> => {
  const credential = deployingToken(await readConfig(ref, "--show-secrets"));
  const found = begun.map(async (record) => {
    if (credential === undefined) throw notMended(record, noDeployingToken);
    const query = new URLSearchParams({ "name.exact": record.name, type: record.type, per_page: "100" });
    const path = `/zones/${record.zoneId}/dns_records?${query}`;
    const said = await askCloudflare<(BegunRecord & { id: string })[]>(credential, path);
    if (!("result" in said)) throw notMended(record, whyNot(said));
    return said.result
      .filter(({ id }) => !known.includes(id))
      .filter(({ content, comment }) => content === record.content && comment === record.comment)
      .map(({ id }) => ({ id, record, credential }));
  });
  return (await Promise.all(found)).flat();
};

const nameOf = ({ type, name, content }: BegunRecord): string => `DNS record ${type} ${name} ${content}`;

const notMended = (record: BegunRecord, why: string): CommandError =>
  new CommandError(
    `whether a killed run has created ${nameOf(record)} must be looked up, got ${why} (if pulumi up is told 81058, delete it by hand)`,
    exitCodes.unseen,
  );
