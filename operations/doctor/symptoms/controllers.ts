/** What can be wrong with the controllers, their CRDs and the clocks: what everything else stands on. */
import { isAtLeast, line, versionSets } from "../../../components/rules/versions";
import type { Metadata } from "../../../components/standing/connection";
import { versionOf } from "../../../components/standing/controllers";
import { subjects } from "../../checks";
import type { Deployment } from "../../standingEdge";
import { type ClusterFacts, groups } from "../cluster";
import type { Facts } from "../facts";
import type { Sign, Symptom } from "../symptom";

const bundleVersion = ({ annotations }: Metadata): string | undefined =>
  annotations?.[`${groups.gatewayApi}/bundle-version`]?.replace(/^v/, "");

const channel = ({ annotations }: Metadata): string | undefined => annotations?.[`${groups.gatewayApi}/channel`];

const ofGroup = (crds: Metadata[], group: string): Metadata[] => crds.filter(({ name }) => name.endsWith(`.${group}`));

/** The Gateway API that goes with each Envoy Gateway: https://gateway.envoyproxy.io/news/releases/matrix/ */
const neededBy = (envoyGateway: string): string | undefined =>
  Object.values(versionSets).find((set) => line(set.envoyGateway) === line(envoyGateway))?.gatewayApi;

export const crdsSubject = "CRDs of the Gateway API";
export const admissionSubject = "cert-manager's webhook";
export const clockSubject = "clocks of the cluster";

/** A pod that does not run says why its Deployment has none. */
const unwell = (deployments: Deployment[], { ailing }: ClusterFacts): Sign[] =>
  deployments
    .filter(({ status }) => !status?.availableReplicas)
    .map(({ metadata, spec }) => {
      const { namespace = "", name } = metadata;
      const [first] = ailing.filter((each) => each.namespace === namespace && each.deployment === name);
      return {
        subject: subjects.deployment({ metadata }),
        found:
          spec.replicas === 0
            ? "0 pods are asked for"
            : `0 of ${spec.replicas ?? 1} pods available${first ? `: ${first.why}` : ""}`,
        next:
          spec.replicas === 0
            ? `kubectl scale deployment ${name} -n ${namespace} --replicas=1`
            : `kubectl describe pods -n ${namespace}`,
      };
    });

/** Milliseconds by which clocks may differ: TLS and ACME take more, and Leases are renewed every ten seconds. */
const tolerable = 60_000;

/** Two tools that install the CRDs in turns. */
export const mixedChannels: Symptom<{ crds: Metadata[] }> = {
  name: "crds-mixed-channels",
  severity: "risk",
  at: "crds",
  cause:
    "Some CRDs of the Gateway API are of the standard channel and some of the experimental one: two tools install them in turns.",
  cure: "Let one tool install all of them.",
  source: "https://gateway-api.sigs.k8s.io/concepts/versioning/#release-channels",
  signs: ({ crds }) => {
    const standard = ofGroup(crds, groups.gatewayApi).filter((crd) => channel(crd) === "standard");
    const experimental = ofGroup(crds, groups.gatewayApi).filter((crd) => channel(crd) === "experimental");
    const [one] = standard;
    const [other] = experimental.filter(({ name }) => isInStandard(name));
    return one && other
      ? [
          {
            subject: crdsSubject,
            found: `${one.name} is of the standard channel, and ${other.name} of the experimental one`,
            next: `kubectl get crd ${other.name} -o yaml --show-managed-fields`,
          },
        ]
      : [];
  },
};

/** The rows as the doctor has them. */
export const controllerSymptoms: Symptom<Facts>[] = [
  {
    name: "controller-down",
    severity: "broken",
    at: "controller",
    cause: "No pod of the controller is available: what serves goes on, and nothing is issued, renewed or changed.",
    cure: "See why its pods do not run, and mend that.",
    source: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/",
    signs: ({ edge: { controllers }, cluster }) =>
      unwell([...controllers.certManager, ...controllers.envoyGateway], cluster),
  },
  {
    name: "proxies-down",
    severity: "broken",
    at: "proxies",
    cause: "No pod of the proxies is available, and nobody answers.",
    cure: "See why its pods do not run, and mend that.",
    source: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/",
    signs: ({ edge: { proxies }, cluster }) => unwell(proxies, cluster),
  },
  {
    name: "webhook-unreachable",
    severity: "broken",
    at: "admission",
    cause:
      "The API server cannot have cert-manager's webhook admit changes: its pod is down, a network policy or firewall is between, or its certificate is not there yet.",
    cure: "Mend the way from the API server to the webhook's pod.",
    source: "https://cert-manager.io/docs/troubleshooting/webhook/",
    signs: ({ cluster: { webhook } }) =>
      webhook === undefined || /forbidden|cannot create resource/i.test(webhook)
        ? []
        : [
            {
              subject: admissionSubject,
              found: webhook,
              next: "kubectl get pods -A -l app.kubernetes.io/component=webhook",
            },
          ],
  },
  {
    name: "crds-missing",
    severity: "broken",
    at: "crds",
    cause: "Envoy Gateway has CRDs to watch that are not there, and does not start, or does not see what it should.",
    cure: "Install the CRDs of the version that Envoy Gateway is for: pulumi up does.",
    source: "https://gateway.envoyproxy.io/docs/install/install-helm/",
    signs: ({ cluster: { crds } }) =>
      Object.values(groups).flatMap((group) =>
        ofGroup(crds, group).length > 0
          ? []
          : [{ subject: crdsSubject, found: `no CRD of ${group}`, next: "pulumi up --refresh" }],
      ),
  },
  {
    name: "crds-too-old",
    severity: "broken",
    at: "crds",
    cause: "Somebody, or another tool, has put older CRDs there than Envoy Gateway is made for.",
    cure: "Raise them, CRDs before the controller; where a ValidatingAdmissionPolicy refuses, see who holds them.",
    source: "https://gateway.envoyproxy.io/news/releases/matrix/",
    signs: ({ cluster: { crds }, edge: { controllers } }) => {
      const [controller] = controllers.envoyGateway;
      const version = controller && versionOf(controller);
      const needed = version && neededBy(version);
      const old = ofGroup(crds, groups.gatewayApi).find(
        (crd) => needed && !isAtLeast(bundleVersion(crd) ?? "0.0", line(needed)),
      );
      return old
        ? [
            {
              subject: crdsSubject,
              found: `${old.name} is of v${bundleVersion(old) ?? "?"}, and Envoy Gateway ${version} is for v${needed}`,
              next: "pulumi up --refresh",
            },
          ]
        : [];
    },
  },
  { ...mixedChannels, signs: ({ cluster }) => mixedChannels.signs(cluster) },
  {
    name: "helm-interrupted",
    severity: "risk",
    at: "controller",
    cause: "An install or upgrade was killed on its way, and Helm refuses to begin another.",
    cure: "Run pulumi up, which forgets the half-done revision.",
    source: "https://github.com/helm/helm/issues/8987",
    signs: ({ cluster: { pending } }) =>
      pending.map((release) => ({
        subject: `Helm release ${release}`,
        found: "its last revision is pending",
        next: "pulumi up",
      })),
  },
  {
    name: "clock-skew",
    severity: "risk",
    at: "clock",
    cause: "Clocks differ, by which certificates seem not yet valid, or ended, and ACME's answers too old.",
    cure: "Let every machine follow the same NTP servers.",
    source: "https://letsencrypt.org/docs/integration-guide/",
    signs: ({ cluster: { leases } }) => {
      // A clock that is slow cannot be told from a holder that is gone.
      const ahead = Object.entries(leases).filter(([, age]) => age < -tolerable);
      const [first] = ahead;
      return first
        ? [
            {
              subject: clockSubject,
              found: `${ahead.map(([lease]) => lease).join(", ")} ${ahead.length === 1 ? "was" : "were"} renewed ${Math.round(-first[1] / 1_000)} s in this machine's future`,
              next: "timedatectl, here and on the nodes",
            },
          ]
        : [];
    },
  },
];

/** Kinds of the standard channel; the experimental one alone has others besides. */
const isInStandard = (name: string): boolean =>
  ["gatewayclasses", "gateways", "httproutes", "grpcroutes", "referencegrants"].some((plural) =>
    name.startsWith(`${plural}.`),
  );
