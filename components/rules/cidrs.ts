/** Ranges of addresses in CIDR notation: https://www.rfc-editor.org/rfc/rfc4632 and https://www.rfc-editor.org/rfc/rfc4291#section-2.3 */
import { isIPv4, isIPv6 } from "node:net";

/**
 * What is wrong with a range whose addresses are to be believed. Envoy Gateway 1.9 takes text that is no range, and its controller ends
 * when it reads it; Kubernetes means to refuse a range that names an address in it: https://github.com/kubernetes/enhancements/issues/4858
 */
export const checkCidr = (cidr: string): string | undefined => {
  const good = "must be a range such as 198.51.100.0/24 or 2001:db8::/32";
  const [, address = "", length = ""] = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(cidr) ?? [];
  const bits = bitsOf(address);
  const counting = Number(length);
  if (!bits || counting > bits.length)
    return `${good}, got "${cidr}" (an address, a slash, and how many of its bits count; /32 for one IPv4 address, /128 for one IPv6 address)`;
  if (counting === 0) return `${good}, got "${cidr}" (every address there is: any client would be believed)`;
  if (bits.slice(counting).includes("1"))
    return `${good}, got "${cidr}" (bits after the first ${counting} are set: write /${bits.length} for this address alone, or the range's first address)`;
  return undefined;
};

/** An address's bits, or undefined when it is none. */
const bitsOf = (address: string): string | undefined => {
  if (isIPv4(address)) return address.split(".").map(binary(10, 8)).join("");
  if (!isIPv6(address)) return undefined;
  // Written in full groups by the URL parser, but for one run of zeros.
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [first, last] = [before, after ?? ""].map((part) => (part ? part.split(":").map(binary(16, 16)).join("") : ""));
  return `${first}${"0".repeat(128 - `${first}${last}`.length)}${last}`;
};

const binary =
  (base: number, digits: number) =>
  (part: string): string =>
    Number.parseInt(part, base).toString(2).padStart(digits, "0");
