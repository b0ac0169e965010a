/** What is refused about a DNS record because of the others in its zone. */
import { Refusal } from "./envelope";
import type { RecordFields } from "./recordFields";
import type { DnsRecord } from "./records";

const details =
  " For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

const refuse = (code: number, message: string): Refusal => new Refusal(400, { code, message });

export function checkClash(fields: RecordFields, others: DnsRecord[]): void {
  const namesakes = others.filter(({ name }) => name === fields.name);
  const same = namesakes.filter(({ type, content }) => type === fields.type && content === fields.content);
  if (same.some((record) => settings(record) === settings(fields)))
    throw refuse(81058, "An identical record already exists.");
  if (same.length > 0) throw refuse(81057, "Record already exists.");

  const has = (...types: string[]) => namesakes.some(({ type }) => types.includes(type));
  if (fields.type === "CNAME" && has("A", "AAAA", "CNAME"))
    throw refuse(81053, `An A, AAAA, or CNAME record with that host already exists.${details}`);
  if (["A", "AAAA"].includes(fields.type) && has("CNAME"))
    throw refuse(81054, `A CNAME record with that host already exists.${details}`);
  if (["A", "AAAA", "CNAME"].includes(fields.type) && has("NS"))
    throw refuse(81056, `NS records with that host already exist.${details}`);
}

const settings = ({ ttl, proxied, priority, comment, tags, data }: RecordFields): string =>
  JSON.stringify([ttl, proxied, priority, comment, tags, data]);
