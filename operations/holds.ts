/** What holds an edge's destroy, and what can be done about it: pure functions from what stands to findings. */
import { holderOf, isOfRelease, isOwn } from "../components/standing/holder";
import { controllers, finalizers } from "./controllers";
import type { Found, Snapshot } from "./snapshot";
import type { Edge, HelmRelease } from "./stackState";

/** What this command does so that the destroy ends. */
export type Cure =
  | { do: "take off"; object: Found; finalizer: string }
  | { do: "delete"; object: Found }
  | { do: "forget"; release: HelmRelease };

/** One thing that holds the destroy, in a line. */
export interface Finding {
  /**
   * `stops`: somebody must decide first. `cured`: the command does it. `told`: the destroy may have to wait for it. `left`: it stays at
   * Cloudflare, as the command was told.
   */
  effect: "stops" | "cured" | "told" | "left";
  /** Such as `Gateway shop/shop`. */
  object: string;
  message: string;
  cure?: Cure;
}

/** Findings on an edge; none when nothing holds its destroy. `uid` is the cluster's where the state does not tell the right one. */
export const findingsOf = (edge: Edge, snapshot: Snapshot, uid = edge.uid): Finding[] => {
  const another = anotherCluster(snapshot, uid);
  if (another) return [another];
  return [
    ...foreignGateways(edge, snapshot),
    // A lost release's webhooks refuse that a finalizer is taken off.
    ...lostReleases(snapshot),
    ...heldObjects(edge, snapshot),
    ...waitingNamespaces(snapshot),
  ];
};

const anotherCluster = ({ place, uid: got }: Snapshot, uid: string | undefined): Finding | undefined =>
  uid === undefined || uid === got
    ? undefined
    : {
        effect: "stops",
        object: "cluster",
        message: `the cluster must be the one of this stack's last up, kube-system ${uid}, got ${got}, which is ${place} (choose the right context; if the edge stands there, give --uid ${got})`,
      };

type HasMetadata = Pick<Found, "metadata">;

const isOf = ({ metadata }: HasMetadata, { owner }: Edge): boolean => owner !== undefined && isOwn(metadata, owner);

const ownClasses = (edge: Edge, { holdable }: Snapshot): Found[] =>
  holdable.filter((object) => object.kind === "GatewayClass" && isOf(object, edge));

const idOf = ({ metadata: { namespace, name } }: HasMetadata): string => (namespace ? `${namespace}/${name}` : name);

const nameOf = (found: Pick<Found, "kind" | "metadata">): string => `${found.kind} ${idOf(found)}`;

/** Envoy Gateway keeps a class as long as there is a Gateway of it, and takes all its proxies away when it goes itself. */
const foreignGateways = (edge: Edge, snapshot: Snapshot): Finding[] => {
  const classes = ownClasses(edge, snapshot).map(({ metadata }) => metadata.name);
  return snapshot.gateways
    .filter(({ gatewayClassName }) => classes.includes(gatewayClassName))
    .filter((gateway) => !isOf(gateway, edge) && !edge.gateways.includes(idOf(gateway)))
    .map(({ metadata, gatewayClassName }) => {
      const object = nameOf({ kind: "Gateway", metadata });
      return {
        effect: "stops",
        object,
        message: `${object} must not be of the edge's GatewayClass ${gatewayClassName}, got one of ${holderOf(metadata)} (destroy would take its proxies away; delete it, or give it a class of its own)`,
      };
    });
};

/** Finalizers that nobody takes off, and the webhook that would refuse to have them taken off. */
const heldObjects = (edge: Edge, snapshot: Snapshot): Finding[] => {
  const namespaces = snapshot.namespaces.map(({ name }) => name);
  const concerned = snapshot.holdable.filter(
    (object) => isOf(object, edge) || namespaces.includes(object.metadata.namespace ?? ""),
  );
  const findings = concerned.flatMap((object) =>
    (object.metadata.finalizers ?? []).flatMap((finalizer) => heldBy(object, finalizer, snapshot)),
  );
  const refused = findings.some(({ cure }) => cure?.do === "take off" && cure.object.kind === "Challenge");
  return [...(refused ? deadWebhooks(edge, snapshot) : []), ...findings];
};

const heldBy = (found: Found, finalizer: string, { running }: Snapshot): Finding[] => {
  const controller = finalizers[finalizer];
  if (!controller) return [];
  const { name } = controllers[controller];
  const { deployments, ready } = running[controller];
  const object = nameOf(found);
  if (ready) return [];
  if (deployments.length === 0)
    return [
      {
        effect: "cured",
        object,
        message: `${object}: finalizer ${finalizer} is taken off, as ${name}, which should do it, is gone`,
        cure: { do: "take off", object: found, finalizer },
      },
    ];
  return [
    {
      effect: "stops",
      object,
      message: `${object} must lose finalizer ${finalizer} by ${name}, got no ready pod of Deployment ${deployments.join(", ")} (get it to run; or delete the Deployment, and the finalizer is taken off here)`,
    },
  ];
};

const isWebhook = ({ kind }: Found): boolean => kind.endsWith("WebhookConfiguration");

const deleted = (found: Found, why: string): Finding => ({
  effect: "cured",
  object: nameOf(found),
  message: `${nameOf(found)}: is deleted, as ${why}`,
  cure: { do: "delete", object: found },
});

/** Without a pod behind it, it refuses every change of what it guards; a finalizer's loss is one. */
const deadWebhooks = ({ releases }: Edge, { helmMade, lost, running }: Snapshot): Finding[] =>
  running.webhook.deployments.length > 0
    ? []
    : helmMade
        .filter((object) => isWebhook(object) && releases.some((release) => isOfRelease(object.metadata, release)))
        // The others go with their release.
        .filter((object) => !lost.some(({ release }) => isOfRelease(object.metadata, release)))
        .map((object) => deleted(object, `${controllers.webhook.name} is gone, and it refuses every change`));

/** Releases that Helm cannot uninstall, since its record went with the namespace, and what they have left outside of it. */
const lostReleases = ({ lost, helmMade }: Snapshot): Finding[] =>
  lost.flatMap(({ release, deployments }): Finding[] => {
    const object = `Helm release ${release.namespace}/${release.name}`;
    if (deployments.length > 0)
      return [
        {
          effect: "stops",
          object,
          message: `${object} must have Helm's record, got none, while Deployment ${deployments.join(", ")} stands (bring the record's Secret back; or delete the Namespace, and what the release made outside of it is deleted here)`,
        },
      ];
    return [
      ...helmMade
        .filter((each) => isOfRelease(each.metadata, release))
        .map((each) => deleted(each, `${object}, which made it, is gone`)),
      {
        effect: "cured",
        object,
        message: `${object}: is taken out of the stack's state, as Helm has no record of it`,
        cure: { do: "forget", release },
      },
    ];
  });

const waitingNamespaces = ({ namespaces }: Snapshot): Finding[] =>
  namespaces.flatMap(({ name, waits }) =>
    waits.map((wait) => ({
      effect: "told" as const,
      object: `Namespace ${name}`,
      message: `Namespace ${name} is being deleted already, and waits: ${wait}`,
    })),
  );
