/** What keeps an issuer from its ACME account. */
import { condition, inWords } from "../../../components/standing/condition";
import { subjects } from "../../checks";
import type { Facts } from "../facts";
import type { Sign, Symptom } from "../symptom";

type Row = Omit<Symptom<Facts>, "at" | "signs" | "severity"> & { words: RegExp };

const rows: Row[] = [
  {
    name: "rate-limit-registrations",
    words: /too many (new )?registrations/i,
    cause:
      "Ten accounts were registered from this address within three hours, as when an issuer's account key is lost again and again.",
    cure: "Keep the account key's Secret, restore it from a backup if there is one, and wait.",
    source: "https://letsencrypt.org/docs/rate-limits/#new-registrations-per-ip-address",
  },
  {
    name: "account-refused",
    words: /\b4\d\d urn:ietf:params:acme:error:/,
    cause:
      "The ACME server refuses the account: an e-mail address that it does not take (example.com's above all), an external account that is missing or wrong, or terms that nobody has agreed to.",
    cure: "Set acme.email to an address that exists, or acme.server.eab to the account that the CA gave; pulumi up then asks again at once.",
    source: "https://cert-manager.io/docs/troubleshooting/acme/",
  },
  {
    name: "acme-unreachable",
    words: /dial tcp|no such host|timeout|deadline exceeded|connection refused|x509|\b50\d\b/i,
    cause:
      "cert-manager has no answer of the ACME server: it is down, or the cluster has no way to it, or does not trust its certificate.",
    cure: "Let the cluster reach it over HTTPS (egress policy, firewall, proxy); of a firm's CA, set acme.server.caBundle.",
    source: "https://cert-manager.io/docs/troubleshooting/acme/",
  },
];

/** The rows as the doctor has them. The first that knows the words is meant. */
export const issuerSymptoms: Symptom<Facts>[] = rows.map(({ words, ...row }, at) => ({
  ...row,
  severity: "broken",
  at: "issuer",
  signs: ({ edge: { chain, issuers } }) => {
    const used = new Set(chain.certificates.map(({ spec }) => spec.issuerRef.name));
    return issuers.flatMap((issuer): Sign[] => {
      const { name } = issuer.metadata;
      const ready = condition(issuer, "Ready");
      const message = ready?.message ?? "";
      const isMeant = words.test(message) && !rows.slice(0, at).some((before) => before.words.test(message));
      return used.has(name) && ready?.status === "False" && isMeant
        ? [
            {
              subject: subjects.issuer(name),
              found: inWords(ready),
              next: `kubectl describe clusterissuer ${name}`,
            },
          ]
        : [];
    });
  },
}));
