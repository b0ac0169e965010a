/** What keeps a certificate from being issued, by the words of the objects in which cert-manager keeps an issuance. */
import { oneLine } from "../../../components/standing/condition";
import {
  keepsRecord,
  lookAt,
  type Owned,
  renewalFailure,
  renewalWait,
  trailOf,
} from "../../../components/standing/issuance";
import { subjects } from "../../checks";
import type { Certificate } from "../../standingEdge";
import type { Facts } from "../facts";
import type { Sign, Symptom } from "../symptom";

/** One certificate, and how far its newest issuance is. */
interface Issuance {
  certificate: Certificate;
  /** Why it is not Ready, was not renewed, or what its renewal waits for, in cert-manager's words; undefined when all is well. */
  words: string | undefined;
  challenges: Owned[];
  /** Whether the zone's own name servers have a record of its challenge. */
  isAnswered: boolean;
}

type Row = Omit<Symptom<Facts>, "at" | "signs"> & {
  seen(issuance: Issuance, at: number): string | undefined;
};

const minute = 60_000;

const byWords =
  (pattern: RegExp): Row["seen"] =>
  ({ words }) =>
    words && pattern.test(words) ? words : undefined;

const rateLimits = "https://letsencrypt.org/docs/rate-limits/";

/** Let's Encrypt's limits: the words by which each is told, and what it means. */
const limited: { name: string; words: RegExp; cause: string; cure: string; anchor: string }[] = [
  {
    name: "rate-limit-exact-set",
    words: /already issued for (this|these) exact set/i,
    cause:
      "Let's Encrypt has issued five certificates for exactly these names within seven days; it gives one back every 34 hours.",
    cure: "Keep the TLS Secret, and restore it from a backup if there is one; else wait until the time that it names, or add a name.",
    anchor: "#new-certificates-per-exact-set-of-identifiers",
  },
  {
    name: "rate-limit-domain",
    words: /too many certificates .*already issued for "/i,
    cause: "Let's Encrypt has issued fifty certificates below this registered domain within seven days, for whomever.",
    cure: "Wait until the time that it names; rehearse with acme.environment staging.",
    anchor: "#new-certificates-per-registered-domain",
  },
  {
    name: "rate-limit-failures",
    words: /too many failed authorizations/i,
    cause: "Five validations of this name have failed within an hour, and the cause may stand still.",
    cure: "Mend the cause first (the doctor names it when it can be seen), then wait until the time that it names.",
    anchor: "#authorization-failures-per-identifier-per-account",
  },
  {
    name: "rate-limit-orders",
    words: /too many new orders/i,
    cause: "This ACME account has begun three hundred orders within three hours: something asks again and again.",
    cure: "Find the certificate whose requests are many, and wait until the time that it names.",
    anchor: "#new-orders-per-account",
  },
];

const rows: Row[] = [
  ...limited.map(({ words, anchor, ...row }) => ({
    ...row,
    severity: "broken" as const,
    source: `${rateLimits}${anchor}`,
    seen: byWords(words),
  })),
  {
    name: "caa-refused",
    severity: "broken",
    cause: "The CA found CAA records that forbid it, at this name, above it, or where an alias leads.",
    cure: "Let the CA issue by a CAA record.",
    source: "https://letsencrypt.org/docs/caa/",
    seen: byWords(/acme:error:caa|CAA record/i),
  },
  {
    name: "split-horizon",
    severity: "broken",
    cause:
      "The zone's own name servers have the record, and cert-manager's resolver in the cluster does not see it: the cluster's DNS has a zone of its own for the domain, or an old answer.",
    cure: "Let cert-manager ask public resolvers alone: --dns01-recursive-nameservers=1.1.1.1:53 and --dns01-recursive-nameservers-only.",
    source: "https://cert-manager.io/docs/configuration/acme/dns01/#setting-nameservers-for-dns01-self-check",
    seen: ({ words, challenges, isAnswered }, at) => {
      const isOld = challenges.some(({ metadata }) => at - Date.parse(metadata.creationTimestamp ?? "") > 2 * minute);
      return words && /not yet propagated/i.test(words) && isAnswered && isOld ? words : undefined;
    },
  },
  {
    name: "challenge-held",
    severity: "broken",
    cause:
      "cert-manager cannot delete the challenge's record at Cloudflare, and holds the challenge, and the next one of the same name; 7003 is of versions before 1.16.4, 1.17.0 among them.",
    cure: "Raise cert-manager, mend its token, and delete the TXT record by hand; then the challenge goes by itself.",
    source: "https://github.com/cert-manager/cert-manager/issues/7540",
    seen: ({ challenges }, at) => {
      const isLong = (since = "") => at - Date.parse(since) > minute;
      for (const challenge of challenges) {
        const { name, deletionTimestamp, creationTimestamp } = challenge.metadata;
        const why = oneLine(challenge.status?.reason) || "no reason given";
        if (deletionTimestamp && isLong(deletionTimestamp)) return `challenge ${name} is being deleted: ${why}`;
        if (keepsRecord(challenge) && isLong(creationTimestamp))
          return `challenge ${name} is over, and keeps its record: ${why}`;
      }
      return undefined;
    },
  },
];

const zoneless = (name: string): string => name.replace(/^\*\./, "");

/** The rows as the doctor has them. */
export const issuanceSymptoms: Symptom<Facts>[] = rows.map(({ seen, ...row }) => ({
  ...row,
  at: "certificate",
  signs: ({ edge, domains, outside: { at } }) =>
    edge.chain.certificates.flatMap((certificate): Sign[] => {
      const { namespace = "" } = edge.gateway.metadata;
      const look = lookAt(certificate.metadata.name, edge.chain);
      const { name } = certificate.metadata;
      const renewal = renewalFailure(name, edge.chain) ?? renewalWait(name, edge.chain);
      const words = look && ("failed" in look ? look.failed : "waiting" in look ? look.waiting : renewal);
      const names = (certificate.spec.dnsNames ?? []).map(zoneless);
      const isAnswered = domains.some(
        ({ domain, challengeRecords }) => names.includes(domain) && challengeRecords.length > 0,
      );
      const found = seen(
        { certificate, words, challenges: trailOf(certificate, edge.chain).challenges, isAnswered },
        at,
      );
      return found === undefined
        ? []
        : [
            {
              subject: subjects.certificate(certificate, namespace),
              found,
              next: `kubectl get certificaterequest,order,challenge -n ${namespace}`,
            },
          ];
    }),
}));

const hour = 3_600_000;

/** Milliseconds until cert-manager begins anew after a failure: an hour, then twice as long each time, up to 32. */
export const backOff = (attempts: number): number => Math.min(2 ** Math.max(attempts - 1, 0), 32) * hour;

/** The moment at which cert-manager tries again by itself; undefined when the last issuance did not fail. */
export const nextTry = ({ status }: Certificate): number | undefined => {
  const { lastFailureTime, failedIssuanceAttempts = 1 } = status ?? {};
  return lastFailureTime === undefined ? undefined : Date.parse(lastFailureTime) + backOff(failedIssuanceAttempts);
};
