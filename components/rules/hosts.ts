/** Whose each host is: the policies that keep routes to the hosts of their namespace. */
import {
  attaches,
  changes,
  gatewayApi,
  isParent,
  orNone,
  type Policy,
  rule,
  tenants,
  text,
  written,
} from "./admission";
import { hostsAnnotation, type Names } from "./names";

/** Which hosts the routes of a namespace may claim. */
export interface HostRules {
  /** A domain itself, where the namespace's annotation does not grant it. */
  apex?: boolean;
  /** Every host below a domain that no other route names, likewise. */
  wildcards?: boolean;
  /** Nothing but what the annotation grants. */
  listedOnly?: boolean;
}

const isApex = "host in variables.domains";
const isBelow = 'host.substring(host.indexOf(".") + 1) in variables.domains';

/** Routes name their hosts: those that the certificates cover, and that their namespace may claim. */
export const hostPolicy = (names: Names, domains: string[], { apex, wildcards, listedOnly }: HostRules): Policy => {
  const annotations = "namespaceObject.metadata.annotations";
  const key = text(hostsAnnotation);
  const example = `shop.${domains[0]}`;
  const ask = `ask whoever runs the edge to grant it by the namespace's annotation ${hostsAnnotation}`;
  const none = (name: string) => `variables.${name}.size() == 0`;
  const named = (name: string) => `variables.${name}.join(", ")`;
  const unlessListed = (name: string) => `variables.isListed || ${none(name)}`;
  return {
    matchConstraints: {
      namespaceSelector: tenants(names),
      resourceRules: [written(gatewayApi, "httproutes", "grpcroutes")],
    },
    matchConditions: [attaches(names), changes],
    variables: [
      { name: "domains", expression: `[${domains.map(text).join(", ")}]` },
      { name: "hosts", expression: orNone("object.spec.hostnames") },
      { name: "strange", expression: `variables.hosts.filter(host, !(${isApex}) && !(${isBelow}))` },
      { name: "apexes", expression: `variables.hosts.filter(host, ${isApex})` },
      { name: "wildcards", expression: 'variables.hosts.filter(host, host.startsWith("*."))' },
      { name: "isListed", expression: `has(${annotations}) && ${key} in ${annotations}` },
      {
        name: "granted",
        expression: `variables.isListed ? ${annotations}[${key}].split(",").map(host, host.trim()).filter(host, host != "") : []`,
      },
      { name: "malformed", expression: 'variables.granted.filter(host, !host.matches("^[a-z0-9*.-]+$"))' },
      {
        name: "patterns",
        expression: 'variables.granted.map(host, "^" + host.replace(".", "[.]").replace("*", "[a-z0-9*-]*") + "$")',
      },
      {
        name: "ungranted",
        expression: "variables.hosts.filter(host, !variables.patterns.exists(pattern, host.matches(pattern)))",
      },
    ],
    validations: [
      rule(
        "variables.hosts.size() > 0",
        text("spec.hostnames must name at least one host"),
        text("none"),
        text(`a route without hostnames takes every host of the edge; name yours, such as ${example}`),
      ),
      rule(
        none("strange"),
        text(`spec.hostnames must be one label below a domain (${some(domains)})`),
        named("strange"),
        text("the certificates cover no other name; ask whoever runs the edge for a further domain"),
      ),
      ...(apex || listedOnly
        ? []
        : [
            rule(
              unlessListed("apexes"),
              text("spec.hostnames must be one label below a domain"),
              named("apexes"),
              text(ask),
            ),
          ]),
      ...(wildcards || listedOnly
        ? []
        : [
            rule(
              unlessListed("wildcards"),
              text("spec.hostnames must name each host"),
              named("wildcards"),
              text(`it takes every host that no other route names; ${ask}`),
            ),
          ]),
      rule(
        none("malformed"),
        `${text(`annotation ${hostsAnnotation} of namespace `)} + request.namespace + ${text(` must list hosts such as ${example}, separated by commas`)}`,
        named("malformed"),
        text("ask whoever runs the edge to mend it"),
      ),
      rule(
        listedOnly ? none("ungranted") : `!variables.isListed || ${none("ungranted")}`,
        `"spec.hostnames must be hosts that namespace " + request.namespace + " holds (" + (${none("granted")} ? "none" : ${named("granted")}) + ")"`,
        named("ungranted"),
        text(ask),
      ),
    ],
  };
};

/** A few of the domains, for a message. */
const some = (domains: string[]): string =>
  domains.length > 3 ? `${domains.slice(0, 3).join(", ")} and ${domains.length - 3} more` : domains.join(", ");

/** The Gateway's listeners end TLS and speak HTTP: any other route, and a listener of another's, is a mistake that is told at once. */
export const kindPolicy = (names: Names): Policy => {
  const parents = `(${orNone("object.spec.parentRefs")} + (has(object.spec.parentRef) ? [object.spec.parentRef] : []))`;
  return {
    matchConstraints: {
      namespaceSelector: tenants(names),
      resourceRules: [written(gatewayApi, "tlsroutes", "tcproutes", "udproutes", "listenersets")],
    },
    matchConditions: [{ ...attaches(names), expression: `${parents}.exists(parent, ${isParent(names)})` }, changes],
    variables: [],
    validations: [
      rule(
        "false",
        text(`what names Gateway ${names.namespace}/${names.edge} as its parent must be an HTTPRoute or a GRPCRoute`),
        '"a " + request.kind.kind',
        text("for TLS, TCP, UDP and listeners of your own, make a Gateway or a Service of your own"),
      ),
    ],
  };
};
