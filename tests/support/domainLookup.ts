/** What DNS answers of a domain at Cloudflare, of which tests change what they are about. */
import type { Lookup } from "../../operations/doctor/domains";

const absent = (code = "ENODATA") => Promise.reject(Object.assign(new Error(code), { code }));

/** A zone example.com with Cloudflare's name servers, and nothing at the name of its challenges. */
export const domainLookup = (changed: Partial<Lookup> = {}): Lookup =>
  ({
    resolve4: async () => ["192.0.2.53"],
    resolveSoa: (name: string) => (name === "example.com" ? Promise.resolve({}) : absent()),
    resolveNs: async () => ["ADA.ns.cloudflare.com", "bob.ns.cloudflare.com."],
    resolveCaa: () => absent(),
    resolveCname: () => absent("ENOTFOUND"),
    resolveTxt: () => absent(),
    at: () => ({ resolveTxt: () => absent("ENOTFOUND") }),
    ...changed,
  }) as Lookup;
