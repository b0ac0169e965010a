/** A zone's records as a master file. The name server reads it again when its serial grows. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameServers, type Zone } from "../account";
import type { DnsRecord } from "./records";

export type Publish = (zone: Zone, records: DnsRecord[]) => void;

/** Addresses of Cloudflare's edge: documentation addresses, where nobody answers. */
const edge = { A: "192.0.2.104", AAAA: "2001:db8::104" };

/** Replaces `<directory>/<zone>.zone` in one step, so that nobody reads half a file. */
export const publishTo = (directory: string, now: () => number = Date.now): Publish => {
  let serial = 0;
  mkdirSync(directory, { recursive: true });
  return (zone, records) => {
    // Seconds, so that it grows across restarts too. A second change within one second adds one.
    serial = Math.max(serial + 1, Math.floor(now() / 1000));
    const file = join(directory, `${zone.name}.zone`);
    writeFileSync(`${file}.new`, zoneText(zone, records, serial));
    renameSync(`${file}.new`, file);
  };
};

/** `records` are those of all zones, because a CNAME may point into another zone. */
export const zoneText = (zone: Zone, records: DnsRecord[], serial: number): string => {
  const [first, ...others] = nameServers;
  const lines = records.filter((record) => record.zone === zone).flatMap((record) => recordLines(record, records));
  return [
    `$ORIGIN ${zone.name}.`,
    "$TTL 300",
    `@ IN SOA ${first}. dns.cloudflare.com. ${serial} 10000 2400 604800 1800`,
    ...[first, ...others].map((server) => `@ 86400 IN NS ${server}.`),
    // Without duplicates: two proxied records of one name have the same addresses.
    ...new Set(lines),
    "",
  ].join("\n");
};

const recordLines = (record: DnsRecord, records: DnsRecord[]): string[] => {
  const line = (type: string, content: string) =>
    `${record.name}. ${record.ttl === 1 ? 300 : record.ttl} IN ${type} ${content}`;
  if (record.proxied) return [line("A", edge.A), line("AAAA", edge.AAAA)];
  if (record.type === "CNAME" && record.name === record.zone.name) {
    const addresses = addressesOf(bare(record.content), records);
    if (addresses.length > 0) return addresses.map(({ type, content }) => line(type, content));
    return [
      `; not flattened, because its target is in none of the zones: the name server has to follow it`,
      line("CNAME", fqdn(record.content)),
    ];
  }
  return [line(record.type, contentText(record))];
};

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, "");

const fqdn = (name: string): string => `${bare(name)}.`;

/** The addresses of a name within the zones, through CNAMEs and wildcards. */
const addressesOf = (name: string, records: DnsRecord[], followed = 0): { type: string; content: string }[] => {
  const exact = records.filter((record) => record.name === name);
  const found = exact.length > 0 ? exact : records.filter((record) => record.name === name.replace(/^[^.]+/, "*"));
  return found.flatMap(({ type, content, proxied }) => {
    if (proxied) return Object.entries(edge).map(([type, content]) => ({ type, content }));
    if (type === "A" || type === "AAAA") return [{ type, content }];
    return type === "CNAME" && followed < 8 ? addressesOf(bare(content), records, followed + 1) : [];
  });
};

const contentText = ({ type, content, priority }: DnsRecord): string => {
  if (type === "TXT") return content.startsWith('"') ? content : quoted(content);
  if (type === "MX") return `${priority} ${fqdn(content)}`;
  if (type === "SRV") return content.replace(/\S+$/, fqdn);
  return type === "CNAME" || type === "NS" ? fqdn(content) : content;
};

/** Splits text into strings of at most 255 characters, as DNS requires. */
const quoted = (text: string): string =>
  (text.match(/.{1,255}/gs) ?? []).map((part) => `"${part.replace(/[\\"]/g, "\\$&")}"`).join(" ");
