/** What can be wrong with HTTPRoutes, the hosts that they are for, and the records by which those are found. */
import { isCloudflares } from "../../../components/rules/cloudflareRanges";
import { condition, holds } from "../../../components/standing/condition";
import { covers, subjects } from "../../checks";
import type { AskedHost, Outside } from "../../outside";
import { attachments, leadsTo, type Route, type StandingEdge } from "../../standingEdge";
import { servicesOf } from "../cluster";
import type { Facts } from "../facts";
import type { Sign, Symptom } from "../symptom";

const describe = ({ metadata }: Route): string =>
  `kubectl describe httproute ${metadata.name} -n ${metadata.namespace}`;

/** Whether the Gateway's controller has refused a route for a reason. */
const isRefused = ({ gateway }: StandingEdge, route: Route, reason: string): boolean =>
  attachments(gateway, route).some((each) => {
    const found = condition(each, "Accepted");
    return found?.status === "False" && found.reason === reason;
  });

/** The labels of which a namespace must have one set to attach to any of the Gateway's listeners. */
const selectors = ({ gateway }: StandingEdge): Record<string, string>[] =>
  gateway.spec.listeners.flatMap(({ allowedRoutes }) => {
    const labels = allowedRoutes?.namespaces?.selector?.matchLabels;
    return labels ? [labels] : [];
  });

const wears = (labels: Record<string, string>, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/** Listeners of a protocol; routes that name none attach to all. */
const speaks = ({ gateway }: StandingEdge, protocol: string): string[] =>
  gateway.spec.listeners.filter((each) => each.protocol === protocol).map(({ name }) => name);

/** Whether the Gateway has an HTTP listener that admits the route's namespace; without rules it is the Gateway's own. */
const isAdmittedInClear = ({ gateway }: StandingEdge, namespace: string, labels: Record<string, string>): boolean =>
  gateway.spec.listeners
    .filter(({ protocol }) => protocol === "HTTP")
    .some(({ allowedRoutes }) => {
      const { from = "Same", selector } = allowedRoutes?.namespaces ?? {};
      if (from === "Selector") return wears(labels, selector?.matchLabels ?? {});
      return from === "All" || (from === "Same" && namespace === gateway.metadata.namespace);
    });

/** The parentRefs of a route that lead to the edge's Gateway. */
const refs = ({ gateway }: StandingEdge, { metadata, spec }: Route) =>
  (spec.parentRefs ?? []).filter(leadsTo(gateway, metadata.namespace));

const servedByHttps = (edge: StandingEdge, route: Route): boolean =>
  refs(edge, route).some(({ sectionName }) => sectionName === undefined || speaks(edge, "HTTPS").includes(sectionName));

/** A sign for each route of which something is seen. */
const each =
  (seen: (route: Route, facts: Facts) => { found: string; next?: string } | undefined) =>
  (facts: Facts): Sign[] =>
    facts.edge.routes.flatMap((route) => {
      const sign = seen(route, facts);
      return sign ? [{ subject: subjects.route(route), next: describe(route), ...sign }] : [];
    });

const attachDocs = "https://gateway-api.sigs.k8s.io/guides/multiple-ns/";

/** The hosts of a route, with what tells its rules from another's. */
const claims = ({ spec }: Route): string[] => {
  const matches = (spec.rules ?? []).flatMap((rule) => rule.matches ?? []).map((match) => JSON.stringify(match));
  return (spec.hostnames ?? []).flatMap((host) =>
    (matches.length > 0 ? matches : [""]).map((match) => `${host} ${match}`),
  );
};

/** The rows as the doctor has them. */
export const routeSymptoms: Symptom<Facts>[] = [
  {
    name: "namespace-not-labelled",
    severity: "broken",
    at: "route",
    cause: "The listener admits HTTPRoutes from namespaces with its label, and the route's namespace has not got it.",
    cure: "Label the namespace, if its owners may serve hosts of this domain.",
    source: attachDocs,
    signs: each((route, { edge, cluster }) => {
      const { namespace = "" } = route.metadata;
      const all = selectors(edge);
      const [wanted] = all;
      if (!wanted || !isRefused(edge, route, "NotAllowedByListeners")) return undefined;
      if (all.some((selector) => wears(cluster.namespaces[namespace] ?? {}, selector))) return undefined;
      const label = Object.entries(wanted)
        .map((pair) => pair.join("="))
        .join(" ");
      return {
        found: `namespace ${namespace} has no label ${label}`,
        next: `kubectl label namespace ${namespace} ${label}`,
      };
    }),
  },
  {
    name: "route-names-no-listener",
    severity: "broken",
    at: "route",
    cause: "The route names a listener, by sectionName or port, that the Gateway has not got.",
    cure: "Name one that it has.",
    source: "https://gateway-api.sigs.k8s.io/reference/spec/#parentreference",
    signs: each((route, { edge }) => {
      const names = edge.gateway.spec.listeners.map(({ name }) => name);
      const bad = refs(edge, route).find(
        ({ sectionName }) => sectionName !== undefined && !names.includes(sectionName),
      );
      return bad && { found: `no listener ${bad.sectionName}; there are ${names.join(", ")}` };
    }),
  },
  {
    name: "route-without-section",
    severity: "risk",
    at: "route",
    cause:
      "Without a sectionName a route attaches to the HTTP listener as well: its host is served in clear, as its rules win over the redirect.",
    cure: "Name the HTTPS listener as sectionName.",
    source: "https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/",
    signs: each((route, { edge, cluster }) => {
      const { namespace = "" } = route.metadata;
      const admitted = attachments(edge.gateway, route).some((each) => holds(each, "Accepted"));
      const bad = refs(edge, route).find(({ sectionName }) => sectionName === undefined);
      return bad &&
        admitted &&
        isAdmittedInClear(edge, namespace, cluster.namespaces[namespace] ?? {}) &&
        speaks(edge, "HTTPS").length > 0
        ? { found: `it names Gateway ${bad.name} and no listener of it` }
        : undefined;
    }),
  },
  {
    name: "host-not-in-certificate",
    severity: "broken",
    at: "route",
    cause:
      "A wildcard certificate is for one label: *.example.com is not for a.b.example.com, though a Gateway's wildcard is.",
    cure: "Use a host one label below the domain, or add the domain above it to the edge's domains.",
    source: "https://www.rfc-editor.org/rfc/rfc9525#section-6.3",
    signs: each((route, { edge }) => {
      const names = edge.chain.certificates.flatMap(({ spec }) => spec.dnsNames ?? []);
      const bad = (route.spec.hostnames ?? []).find(
        (host) => !host.includes("*") && !names.some((name) => covers(name, host)),
      );
      return bad !== undefined && names.length > 0 && servedByHttps(edge, route)
        ? { found: `${bad} is in no certificate; there are ${names.join(", ")}` }
        : undefined;
    }),
  },
  {
    name: "host-claimed-twice",
    severity: "risk",
    at: "route",
    cause:
      "Two routes are for the same host and paths: the older one is served, and by the name where they are of one age.",
    cure: "Leave one of them, or give them different paths.",
    source: "https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule",
    signs: ({ edge }) => {
      const https = edge.routes.filter(
        (route) => servedByHttps(edge, route) && (route.spec.hostnames ?? []).length > 0,
      );
      return https.flatMap((route, at) => {
        const other = https
          .slice(0, at)
          .find((before) => claims(before).some((claim) => claims(route).includes(claim)));
        const host = other && (route.spec.hostnames ?? []).find((each) => other.spec.hostnames?.includes(each));
        return other && host
          ? [
              {
                subject: subjects.route(route),
                found: `${host} is claimed by ${subjects.route(other)}, too`,
                next: `kubectl get httproute -A | grep ${host}`,
              },
            ]
          : [];
      });
    },
  },
  {
    name: "backend-missing",
    severity: "broken",
    at: "route",
    cause: "The route leads to a Service that is not there; its requests are answered 500.",
    cure: "Make the Service, or name the right one.",
    source: "https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref",
    signs: each((route, { cluster }) => {
      const missing = servicesOf(route).find(
        (place) => place in cluster.backends && cluster.backends[place] === undefined,
      );
      return missing === undefined ? undefined : { found: `no Service ${missing}`, next: `kubectl get services -A` };
    }),
  },
  {
    name: "backend-without-pods",
    severity: "broken",
    at: "route",
    cause: "No pod behind the Service is ready; its requests are answered 503.",
    cure: "See why its pods are not ready.",
    source: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    signs: each((route, { cluster }) => {
      const empty = servicesOf(route).find((place) => cluster.backends[place] === 0);
      const [namespace = "", name = ""] = empty?.split("/") ?? [];
      return empty === undefined
        ? undefined
        : {
            found: `Service ${empty} has no ready endpoint`,
            next: `kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name}`,
          };
    }),
  },
  {
    name: "record-elsewhere",
    severity: "broken",
    at: "dns",
    cause:
      "The host's record is not the edge's: an older one, of another cluster or of another tool, or the load balancer's address has changed.",
    cure: "Let pulumi up write it; a record that is not the stack's must be deleted first.",
    source: "https://developers.cloudflare.com/dns/manage-dns-records/",
    signs: ({ outside }) =>
      outside.hosts.flatMap((host) =>
        isElsewhere(host, outside) && !isLoop(host)
          ? [
              {
                subject: host.host,
                found: `${"addresses" in host.resolved ? host.resolved.addresses.join(", ") : ""}, while the Gateway is at ${outside.addresses.join(", ")}`,
                next: "pulumi up --refresh",
              },
            ]
          : [],
      ),
  },
  {
    name: "redirect-loop",
    severity: "broken",
    at: "dns",
    cause:
      "A proxy before the edge asks it over HTTP, is redirected to HTTPS, and passes that on: Cloudflare's encryption mode is Flexible.",
    cure: "Set the zone's encryption mode to Full (strict).",
    source: "https://developers.cloudflare.com/ssl/troubleshooting/too-many-redirects/",
    signs: ({ outside }) =>
      outside.hosts.flatMap((host) =>
        isLoop(host)
          ? [
              {
                subject: host.host,
                found: `https://${host.host} is redirected to itself where DNS leads`,
                next: `curl -sI https://${host.host}`,
              },
            ]
          : [],
      ),
  },
];

const isElsewhere = ({ resolved }: AskedHost, { addresses }: Outside): boolean =>
  "addresses" in resolved &&
  addresses.length > 0 &&
  !resolved.addresses.every((each) => addresses.includes(each)) &&
  !resolved.addresses.every(isCloudflares);

/** A redirect of the root to the very address that was asked for. */
const isLoop = ({ host, elsewhere }: AskedHost): boolean =>
  elsewhere !== undefined &&
  "status" in elsewhere &&
  elsewhere.status >= 300 &&
  elsewhere.status < 400 &&
  [`https://${host}`, `https://${host}/`].includes(elsewhere.location ?? "");
