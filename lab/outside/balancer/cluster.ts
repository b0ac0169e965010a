/** The cluster as the balancer sees it: its Services and Nodes, kept up to date, and the few things it writes. */
import {
  ApiException,
  CoreV1Api,
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  ListWatch,
  PatchStrategy,
  setHeaderOptions,
  type V1LoadBalancerIngress,
  type V1Node,
  type V1Service,
  Watch,
} from "@kubernetes/client-node";

/** The finalizer of every cloud's controller: the Service goes only after its balancer has gone. */
const finalizer = "service.kubernetes.io/load-balancer-cleanup";
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

export class Cluster {
  private readonly core: CoreV1Api;
  private readonly serviceWatch: ListWatch<V1Service>;
  private readonly nodeWatch: ListWatch<V1Node>;

  constructor(kubeconfig: KubeConfig, onChange: () => void) {
    const core = kubeconfig.makeApiClient(CoreV1Api);
    const watch = <T extends KubernetesObject>(path: string, list: () => Promise<KubernetesListObject<T>>) =>
      keepWatching(new ListWatch<T>(path, new Watch(kubeconfig), list, false), onChange);
    this.core = core;
    this.serviceWatch = watch("/api/v1/services", () => core.listServiceForAllNamespaces());
    this.nodeWatch = watch("/api/v1/nodes", () => core.listNode());
  }

  /** Until both lists have come once, an absent Service is not known to be gone. */
  get known(): boolean {
    return [this.serviceWatch, this.nodeWatch].every((each) => each.latestResourceVersion() !== "");
  }

  get services(): readonly V1Service[] {
    return this.serviceWatch.list();
  }

  get nodes(): readonly V1Node[] {
    return this.nodeWatch.list();
  }

  async hold(service: V1Service): Promise<void> {
    if (isHeld(service)) return;
    await this.setFinalizers(service, [...(service.metadata?.finalizers ?? []), finalizer]);
  }

  /** Takes back what was reported, should the Service live on as one of another type, and lets it go. */
  async release(service: V1Service): Promise<void> {
    if (service.metadata?.deletionTimestamp == null) await this.report(service, []);
    await this.setFinalizers(
      service,
      (service.metadata?.finalizers ?? []).filter((each) => each !== finalizer),
    );
  }

  async report(service: V1Service, ingress: V1LoadBalancerIngress[]): Promise<void> {
    const loadBalancer = { ingress: ingress.length > 0 ? ingress : null };
    const body = { status: { loadBalancer } };
    await unlessGone(this.core.patchNamespacedServiceStatus({ ...key(service), body }, mergePatch));
  }

  /** With the version that was seen, since a list is replaced as a whole: another's finalizer must not get lost. */
  private async setFinalizers(service: V1Service, finalizers: string[]): Promise<void> {
    const body = { metadata: { finalizers, resourceVersion: service.metadata?.resourceVersion } };
    await unlessGone(this.core.patchNamespacedService({ ...key(service), body }, mergePatch));
  }
}

export const isHeld = (service: V1Service): boolean => service.metadata?.finalizers?.includes(finalizer) ?? false;

/** What is seen may be older than what is: a Service that went meanwhile needs nothing any more. */
const unlessGone = async (request: Promise<unknown>): Promise<void> => {
  await request.catch((error: unknown) => {
    if (!(error instanceof ApiException && error.code === 404)) throw error;
  });
};

const key = (service: V1Service): { name: string; namespace: string } => ({
  name: service.metadata?.name ?? "",
  namespace: service.metadata?.namespace ?? "",
});

/** A watch that failed, because the API server is not up yet or was restarted, is begun again. */
const keepWatching = <T extends KubernetesObject>(watch: ListWatch<T>, onChange: () => void): ListWatch<T> => {
  let told = "";
  watch.on("change", onChange);
  watch.on("error", (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== told) console.log(`watch: ${message}; trying again`);
    told = message;
    setTimeout(() => watch.start(), 500);
  });
  watch.start();
  return watch;
};
