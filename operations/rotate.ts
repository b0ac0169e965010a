/** Replaces the token that a stack has created at Cloudflare, and goes on where a rotation was interrupted. */
import { askCloudflare, whyNot } from "../components/standing/cloudflareApi";
import { agreed } from "./agreed";
import { readConfig, setConfig } from "./config";
import { CommandError, exitCodes } from "./exit";
import { goneOf, letGo } from "./gone";
import { mintingToken, noDeployingToken } from "./intended";
import { mendedMessage } from "./mend";
import { showPulumi } from "./pulumi";
import { type Token, tokensOf } from "./stackState";
import { readState, type StackRef, stackOption } from "./state";

/** What the command is called with. */
export interface RotateOptions extends StackRef {
  /** Asks nothing. */
  yes?: boolean;
  /** Tells the tokens as JSON, and nothing else, on standard output. */
  json?: boolean;
}

/** Returns the exit code. */
export const rotate = async (options: RotateOptions): Promise<number> => {
  const say = options.json ? console.error : console.log;
  const read = async () => tokensOf(await readState(options, (file) => say(mendedMessage(file))));
  const before = await read();
  const known = [...before.now, ...before.unknown];
  if (known.length === 0)
    throw new CommandError(
      "the stack must have created a token, got none (one that was given is replaced by pulumi config set --secret https-edge:dnsToken, and pulumi up)",
      exitCodes.unseen,
    );
  for (const { name } of before.now) say(`Token "${name}" stands.`);
  // Pulumi keeps for ever that a creation was interrupted, also when another run has made the token since.
  const isOpen = ({ name }: Token) => !before.now.some((each) => each.name === name);
  const wasInterrupted = before.replaced.length > 0 || before.unknown.some(isOpen);
  if (wasInterrupted) say("A rotation was interrupted; it goes on.");
  if (!options.yes && !(await agreed(wasInterrupted ? "Go on?" : "Replace it?"))) return exitCodes.cancelled;

  const stream = options.json ? "stderr" : "stdout";
  const config = await readConfig(options, "--show-secrets");
  const credential = mintingToken(config);
  const gone = await goneOf([...before.now, ...before.replaced], credential);
  for (const { id, name } of gone) say(`Token "${name}" (${id}) is gone at Cloudflare; the stack lets go of it.`);
  if (gone.length > 0) {
    const code = await letGo(gone, options, stream);
    if (code !== 0) return code;
  }

  // To the second, so that each rotation is another.
  const begin = () => setConfig(options, "https-edge:cloudflare.rotation", new Date().toISOString());
  const up = () => showPulumi(["up", "--yes", "--skip-preview", ...stackOption(options)], stream);
  const isAsBefore = ({ now, replaced }: Awaited<ReturnType<typeof read>>) =>
    replaced.length === 0 && now.every(({ id }) => before.now.some((each) => each.id === id));
  if (!wasInterrupted) await begin();
  let code = await up();
  let after = await read();
  const wasOver = wasInterrupted && before.replaced.length === 0;
  if (code === 0 && wasOver && isAsBefore(after)) {
    say("It had ended before; another begins.");
    await begin();
    code = await up();
    after = await read();
  }
  if (code !== 0) {
    say(`pulumi up ended with ${code}. The token before is not deleted; https-edge rotate goes on.`);
    return code;
  }
  const { now } = after;
  const deleted = await deleteOrphans([...known, ...now], now, credential, say);
  for (const { name } of now) say(`Token "${name}" stands, and cert-manager uses it.`);
  const tokens = now.map(({ id, name, accountId }) => ({ id, name, accountId }));
  if (options.json) console.log(JSON.stringify({ tokens, deleted }, undefined, 2));
  const isSame = before.replaced.length === 0 && now.some(({ id }) => before.now.some((each) => each.id === id));
  if (!isSame) return exitCodes.done;
  console.error(
    "The program must give the edge its setting cloudflare.rotation, got the same token as before (it reads https-edge:cloudflare otherwise than ours does; change cloudflare.rotation in the program)",
  );
  return exitCodes.unfit;
};

/**
 * Deletes tokens that have the name of one of the stack's and are none of them: a run was killed after it had created a token and before it could
 * note that. A name ends with eight random digits, which the stack had noted before.
 */
const deleteOrphans = async (
  named: Token[],
  now: Token[],
  credential: string | undefined,
  say: (line: string) => void,
): Promise<{ id: string; name: string }[]> => {
  const unseen = (why: string) => {
    say(
      `Whether a killed run has left a token at Cloudflare could not be looked up: ${why} (look for tokens of the same name at https://dash.cloudflare.com/profile/api-tokens)`,
    );
    return [];
  };
  if (credential === undefined) return unseen(noDeployingToken);
  const deleted: { id: string; name: string }[] = [];
  const names = new Set(named.map(({ name }) => name));
  for (const owner of new Set(named.map(({ owner }) => owner))) {
    const listed = await listTokens(credential, owner);
    if ("why" in listed) return unseen(listed.why);
    const orphans = listed.filter(({ id, name }) => names.has(name) && !now.some((each) => each.id === id));
    for (const { id, name } of orphans) {
      const said = await askCloudflare(credential, `${owner}/${id}`, "DELETE");
      if (!("result" in said)) return unseen(whyNot(said));
      say(`Token "${name}" (${id}), which a killed run had left, is deleted.`);
      deleted.push({ id, name });
    }
  }
  return deleted;
};

/** As many as Cloudflare lists at once. */
const page = 50;

const listTokens = async (
  credential: string,
  owner: string,
): Promise<{ id: string; name: string }[] | { why: string }> => {
  const all: { id: string; name: string }[] = [];
  for (let at = 1; ; at++) {
    const said = await askCloudflare<{ id: string; name: string }[]>(
      credential,
      `${owner}?page=${at}&per_page=${page}`,
    );
    if (!("result" in said)) return { why: whyNot(said) };
    all.push(...said.result);
    if (said.result.length < page) return all;
  }
};
