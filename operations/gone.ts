/**
 * What a stack has at Cloudflare and is not there any more: a run was killed, or lost the answer, after Cloudflare had deleted it, or somebody else
 * did. Cloudflare's provider ends with an error where it shall delete it.
 */
import { askCloudflare } from "../components/standing/cloudflareApi";
import { inTurns } from "../components/standing/turns";
import { showPulumi } from "./pulumi";
import { type StackRef, stackOption } from "./state";

/** A resource of the stack, and where Cloudflare's API has it. */
export interface Placed {
  urn: string;
  path: string;
}

/** Questions at once. */
const most = 10;

/** Those that Cloudflare does not know; none where it does not answer, or no credential is known. */
export const goneOf = async <T extends Placed>(all: T[], credential: string | undefined): Promise<T[]> => {
  if (credential === undefined) return [];
  const said = await inTurns(all, most, ({ path }) => askCloudflare(credential, path));
  return all.filter((_, index) => {
    const answer = said[index];
    return answer && "status" in answer && answer.status === 404;
  });
};

/** Has the stack let go of them, and returns Pulumi's exit code. */
export const letGo = (gone: Placed[], ref: StackRef, stream: "stdout" | "stderr"): Promise<number> => {
  const targets = [...new Set(gone.map(({ urn }) => urn))].flatMap((urn) => ["--target", urn]);
  return showPulumi(["refresh", "--yes", "--skip-preview", ...targets, ...stackOption(ref)], stream);
};
