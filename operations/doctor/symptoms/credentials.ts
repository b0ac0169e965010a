/** What can be wrong with the credential by which cert-manager answers challenges. */
import type { Said } from "../../../components/standing/cloudflareApi";
import type { CredentialFacts } from "../credentials";
import type { Sign, Symptom } from "../symptom";

/** What these rows go by. */
interface Known {
  credentials: CredentialFacts[];
}

type Row = Omit<Symptom<Known>, "at" | "signs"> & {
  /** What is seen of one credential, and what to do next; undefined when all is well. */
  seen(credential: CredentialFacts): { found: string; next?: string } | undefined;
};

const secret = "https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/";

const refusal = (said: Said<unknown> | undefined) => (said && "refused" in said ? said : undefined);
const resultOf = <T>(said: Said<T> | undefined): T | undefined => (said && "result" in said ? said.result : undefined);

/** A list of zones that Cloudflare gave shows that the token is taken, whatever `verify` says: it does not know tokens that an account owns. */
const isTaken = ({ zones, showsOthers }: CredentialFacts): boolean =>
  showsOthers !== undefined || Object.values(zones).some((said) => "result" in said);

/** Refusals of the look-up of a zone, by a token that is active. */
const zoneRefusals = ({ zones, verified }: CredentialFacts): { zone: string; refused: string }[] =>
  resultOf(verified)?.status === "active" || Object.values(zones).some((said) => "result" in said)
    ? Object.entries(zones).flatMap(([zone, said]) => ("refused" in said ? [{ zone, refused: said.refused }] : []))
    : [];

/** Zones that Cloudflare leaves out of what it shows a token. */
const hiddenZones = ({ zones }: CredentialFacts): string[] =>
  Object.entries(zones).flatMap(([zone, said]) => (resultOf(said)?.length === 0 ? [zone] : []));

const isOfPlace = (refused: string): boolean => /from location/i.test(refused);

const rows: Row[] = [
  {
    name: "token-secret-missing",
    severity: "broken",
    cause:
      "The issuer's solver names a Secret that is not in the namespace in which cert-manager looks up the Secrets of ClusterIssuers.",
    cure: "Run pulumi up, which writes it; of an issuer made by hand, make the Secret in that namespace.",
    source: secret,
    seen: ({ keys, place }) => (keys ? undefined : { found: `no Secret ${place}`, next: "pulumi up --refresh" }),
  },
  {
    name: "token-secret-key",
    severity: "broken",
    cause: "The issuer's solver names another key than the Secret has.",
    cure: "Give the Secret the key that the solver names.",
    source: secret,
    seen: ({ keys, key, place }) =>
      keys && !keys.includes(key)
        ? { found: `Secret ${place} has ${keys.join(", ") || "no key"}, and not ${key}`, next: "pulumi up --refresh" }
        : undefined,
  },
  {
    name: "token-empty",
    severity: "broken",
    cause: "The key in the Secret has no content.",
    cure: "Write the token there.",
    source: secret,
    seen: ({ shape }) => (shape === "empty" ? { found: "it is empty" } : undefined),
  },
  {
    name: "token-whitespace",
    severity: "broken",
    cause: "The token was written with a line break or a space, which no HTTP header can carry.",
    cure: "Write it again without: printf, and not echo; kubectl create secret --from-literal, and not --from-file of a file with a last line break.",
    source: "https://github.com/cert-manager/cert-manager/issues/3023",
    seen: ({ shape }) => (shape === "whitespace" ? { found: "it has a line break or a space in it" } : undefined),
  },
  {
    name: "token-is-api-key",
    severity: "broken",
    cause: "The Secret has the user's Global API Key, and the solver takes it for an API token.",
    cure: "Create a token with Zone Read and DNS Write on the zone, and write that; the key can do everything there is.",
    source: "https://github.com/cert-manager/cert-manager/issues/2384",
    seen: ({ shape, key, place }) =>
      shape === "api-key" ? { found: `${key} in Secret ${place} looks like a Global API Key` } : undefined,
  },
  {
    name: "token-disabled",
    severity: "broken",
    cause: "Somebody disabled the token at Cloudflare.",
    cure: "Enable it there, or replace it.",
    source: "https://developers.cloudflare.com/fundamentals/api/how-to/roll-token/",
    seen: ({ verified }) =>
      resultOf(verified)?.status === "disabled" ? { found: "Cloudflare calls it disabled" } : undefined,
  },
  {
    name: "token-expired",
    severity: "broken",
    cause: "The token's end has come.",
    cure: "Replace it by one that lives longer.",
    source: "https://developers.cloudflare.com/fundamentals/api/how-to/restrict-tokens/",
    seen: ({ verified }) => {
      const { status, expires_on } = resultOf(verified) ?? {};
      return status === "expired"
        ? { found: `Cloudflare calls it expired${expires_on ? ` since ${expires_on}` : ""}` }
        : undefined;
    },
  },
  {
    name: "token-location",
    severity: "note",
    cause: "The token is taken from certain addresses alone, and this machine's is none of them; the cluster's may be.",
    cure: "Nothing, if certificates are issued; else add the cluster's addresses to it.",
    source: "https://developers.cloudflare.com/fundamentals/api/how-to/restrict-tokens/",
    seen: (credential) => {
      const said = [refusal(credential.verified), ...Object.values(credential.zones).map(refusal)].find(
        (each) => each && isOfPlace(each.refused),
      );
      return said && { found: said.refused, next: "kubectl get challenges -A" };
    },
  },
  {
    name: "token-refused",
    severity: "broken",
    cause:
      "Cloudflare does not know the token: it was revoked, rolled or deleted, or never was one. A disabled one that an account owns looks the same.",
    cure: "Replace it.",
    source: "https://developers.cloudflare.com/fundamentals/api/troubleshooting/",
    seen: (credential) => {
      const said = refusal(credential.verified);
      const refused = Object.values(credential.zones).map(refusal).find(Boolean);
      if (!said || isTaken(credential) || isOfPlace(said.refused)) return undefined;
      return { found: (refused ?? said).refused };
    },
  },
  {
    name: "token-zone-read",
    severity: "broken",
    cause: "The token lacks Zone Read, by which cert-manager finds the zone of a name.",
    cure: "Give it Zone Read beside DNS Write.",
    source: "https://github.com/cert-manager/cert-manager/issues/2878",
    seen: (credential) => {
      const [first] = zoneRefusals(credential).filter(({ refused }) => !isOfPlace(refused));
      if (first) return { found: `zone ${first.zone}: ${first.refused}` };
      const hidden = hiddenZones(credential);
      return hidden.length > 0 && !credential.showsOthers
        ? { found: `Cloudflare shows it no zone at all, and so not ${hidden.join(", ")}` }
        : undefined;
    },
  },
  {
    name: "token-other-zone",
    severity: "broken",
    cause: "The token is for other zones than the domain's, or the zone is in another account, or under another name.",
    cure: "Give it Zone Read and DNS Write on this zone.",
    source: "https://github.com/cert-manager/cert-manager/issues/5800",
    seen: (credential) => {
      const hidden = hiddenZones(credential);
      return hidden.length > 0 && credential.showsOthers
        ? { found: `Cloudflare shows it other zones, and not ${hidden.join(", ")}` }
        : undefined;
    },
  },
  {
    name: "token-ends-soon",
    severity: "risk",
    cause: "The token's end is near, and no certificate is renewed after it.",
    cure: "Replace it before.",
    source: "https://developers.cloudflare.com/fundamentals/api/how-to/restrict-tokens/",
    seen: ({ verified }) => {
      const { status, expires_on } = resultOf(verified) ?? {};
      const days = (Date.parse(expires_on ?? "") - Date.now()) / 86_400_000;
      return status === "active" && days < 30 ? { found: `it ends on ${expires_on}` } : undefined;
    },
  },
  {
    name: "cloudflare-silent",
    severity: "note",
    cause:
      "Cloudflare's API cannot be reached from this machine, is out of order or asked too often, so nothing is known of the token.",
    cure: "Wait, or let this machine reach it, by HTTPS_PROXY where it needs one; the cluster has its own way.",
    source: "https://www.cloudflarestatus.com/",
    seen: ({ verified }) =>
      verified && "silent" in verified
        ? { found: verified.silent, next: "curl -I https://api.cloudflare.com/client/v4" }
        : undefined,
  },
];

/** The rows as the doctor has them. */
export const credentialSymptoms: Symptom<Known>[] = rows.map(({ seen, ...row }) => ({
  ...row,
  at: "credential",
  signs: ({ credentials }) =>
    credentials.flatMap((credential): Sign[] => {
      const sign = seen(credential);
      return sign ? [{ subject: credentialSubject(credential), next: credential.replacedBy, ...sign }] : [];
    }),
}));

/** How a credential is named in its link. */
export const credentialSubject = ({ place }: CredentialFacts): string => `Cloudflare token ${place}`;
