/** What is wrong with a route on the HTTPS listener, or undefined: rules of the edge, and limits of the Gateway API. */
import { isDnsLabel } from "./checks";
import { milliseconds } from "./durations";
import * as limits from "./limits";

/** What is wrong with an object's name: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const checkName = (name: string): string | undefined =>
  isDnsLabel(name)
    ? undefined
    : `must be lower case letters, digits and hyphens, 63 at most, got "${name}" (set name, or name the component so)`;

/** What is wrong with the hostnames of a route on a listener that serves these domains. */
export const checkHostnames = (hostnames: string[], domains: string[]): string | undefined => {
  if (hostnames.length === 0)
    return `must name at least one host, got none (a route without hostnames takes every host of the edge; for example ["shop.${domains[0]}"])`;
  const twice = hostnames.find((host, index) => hostnames.indexOf(host) !== index);
  if (twice) return `must name each host once, got "${twice}" twice (remove one)`;
  return hostnames.map((host) => checkHostname(host, domains)).find((problem) => problem !== undefined);
};

/** What is wrong with one hostname: the certificates cover each domain and one label below it. */
export const checkHostname = (host: string, domains: string[]): string | undefined => {
  if (domains.includes(host)) return undefined;
  const rule = `must be a domain of the edge or one label below it (domains: ${domains.join(", ")})`;
  const [label = "", ...parent] = host.split(".");
  if (label === "*") return `${rule}, got "${host}" (name each host: unclaimed hosts belong to the landing page)`;
  if (domains.includes(parent.join(".")))
    return isDnsLabel(label) ? undefined : `${rule}, got "${host}" (lower case letters, digits and hyphens)`;
  return domains.some((domain) => host.endsWith(`.${domain}`))
    ? `${rule}, got "${host}" (the certificate covers one label; add ${parent.join(".")} to the edge's domains, or use a shorter name)`
    : `${rule}, got "${host}" (add its domain to the edge's domains)`;
};

/** What is wrong with a rule's path, beside those of the rules before it. */
export const checkPath = (path: string, earlier: string[] = []): string | undefined => {
  if (!/^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/.test(path) || /\/\/|\/\.{1,2}(\/|$)/.test(path))
    return `must be an absolute path such as /api, got "${path}" (without //, /./, /../, a query or a fragment)`;
  if (path.length > limits.gatewayApi.path)
    return `must be at most ${limits.gatewayApi.path} characters, got ${path.length} (a limit of the Gateway API: match a shorter prefix)`;
  const plain = (each: string): string => each.replace(/(?<=.)\/$/, "");
  return earlier.some((each) => plain(each) === plain(path))
    ? `must differ from the paths of earlier rules, got "${path}" (only the first rule would match: give its backends weights)`
    : undefined;
};

/** What is wrong with the number of a route's rules, or of a rule's backends. */
export const checkCount = (what: "rule" | "backend", count: number): string | undefined => {
  if (count === 0) return `must name at least one ${what}, got none`;
  const most = limits.gatewayApi[what === "rule" ? "rules" : "backendRefs"];
  return count > most
    ? `must name at most ${most}, got ${count} (a limit of the Gateway API: make several routes)`
    : undefined;
};

/** What is wrong with a Service's port. */
export const checkPort = (port: number): string | undefined =>
  Number.isInteger(port) && port >= 1 && port <= 65535
    ? undefined
    : `must be a port number from 1 to 65535, got ${port} (the Service's port, not the container's)`;

/** What is wrong with a backend's weight. */
export const checkWeight = (weight: number): string | undefined =>
  Number.isInteger(weight) && weight >= 0 && weight <= 1_000_000
    ? undefined
    : `must be a whole number from 0 to 1000000, got ${weight} (its share of the requests)`;

/** What is wrong with the weights of a rule's backends together. */
export const checkWeights = (weights: number[]): string | undefined =>
  weights.length > 0 && weights.every((weight) => weight === 0)
    ? "must have a weight above 0 for one backend, got 0 for all (every request would get 500)"
    : undefined;

/** What is wrong with a request's timeout beside a backend's. */
export const checkTimeouts = (request: string | undefined, backendRequest: string | undefined): string | undefined => {
  const [whole, part] = [request, backendRequest].map((timeout) => (timeout ? milliseconds(timeout) : 0));
  return whole && part && part > whole
    ? `must not be longer than the request's, got ${backendRequest} of ${request} (a try of a backend is part of the request)`
    : undefined;
};
