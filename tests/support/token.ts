/** The Cloudflare token of two zones, by itself. */
import * as pulumi from "@pulumi/pulumi";
import { CloudflareToken, type CloudflareTokenArgs, type TokenScope } from "../../components/cloudflareToken";
import { Preflight } from "../../components/resources/preflight";
import type { Zone } from "../../components/zones";
import { type Deployment, deploy, type World } from "./deploy";
import { names } from "./names";

export const accountId = "a".repeat(32);
export const component = "https-edge:index:CloudflareToken";
/** Ids of the zones, of example.com and example.org. */
export const [first, second] = ["1".repeat(32), "2".repeat(32)];
/** Credentials of the right form. */
export const minting = "minting-".repeat(5);
export const dnsToken = "brought-0123456789012345678901234567890123456789";
/** How errors name the Cloudflare provider's own credential. */
export const deploying = "cloudflare:apiToken (or CLOUDFLARE_API_TOKEN)";
/** Name at Cloudflare of the token that is created. */
export const name = "https-edge example.com c0ffee00";

/** Two zones, in descending order, to see them sorted. */
export const zones: Zone[] = [zone("example.org", second), zone("example.com", first)];

/** What the tests vary: the arguments, and of the scope what is not as usual. */
export type Given = Partial<CloudflareTokenArgs> & { more?: Partial<TokenScope> };

/** The part that `run` made last. */
export let part: CloudflareToken;

/** Deploys the part, with `args` over those of two zones and a token of their account. */
export const run = ({ more, ...args }: Given = {}, world: World = {}): Promise<Deployment> =>
  deploy(() => {
    const preflight = new Preflight();
    const scope: TokenScope = { zones, accountId: undefined, owner: "account", ...more };
    part = new CloudflareToken(
      "token",
      {
        names,
        label: "example.com",
        scope,
        preflight,
        way: Promise.resolve(undefined),
        namespace: "cert-manager",
        ...args,
      },
      {},
    );
  }, world);

/** A zone that was looked up in the account, or as `more` says. */
export function zone(name: string, id: string, more: Partial<Zone> = {}): Zone {
  const found = { found: Promise.resolve(id), foundIn: Promise.resolve(accountId), lookedUp: true };
  return { name, id: pulumi.output(id), accountId: undefined, ...found, ...more };
}
