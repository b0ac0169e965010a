/** Makes the balancers what the cluster's Services ask for. */
import { rename, writeFile } from "node:fs/promises";
import type { V1LoadBalancerIngress, V1Service } from "@kubernetes/client-node";
import type { Addresses } from "./addresses";
import { type Balancer, balancer, type NodeAddress, nodeAddresses, wantsBalancer } from "./balancer";
import { type Cluster, isHeld } from "./cluster";
import { configuration, proxyName } from "./configuration";
import type { HAProxy } from "./haproxy";
import { families, ingress, zoneFile } from "./ingress";
import { UdpRelay } from "./udp";

export interface Reported extends Balancer {
  ingress: V1LoadBalancerIngress[];
}

export class Controller {
  balancers: Reported[] = [];
  private zone = "";
  private readonly udp = new UdpRelay((balancer) => this.fitNodes(balancer));

  constructor(
    private readonly cluster: Cluster,
    private readonly addresses: Addresses,
    private readonly haproxy: HAProxy,
    private readonly zonePath: string,
  ) {}

  /** Told of no single change: it looks at everything, and does what is missing. */
  async reconcile(): Promise<void> {
    if (!this.cluster.known) return;
    const wanted = this.cluster.services.filter(wantsBalancer).sort(byName);
    const unwanted = this.cluster.services.filter((service) => !wantsBalancer(service) && isHeld(service));
    for (const service of wanted) await this.cluster.hold(service);
    const balancers: Reported[] = [];
    for (const service of wanted) balancers.push(await this.balancer(service));
    this.balancers = balancers;
    const { files } = this.haproxy;
    await this.haproxy.apply(configuration(this.balancers, nodeAddresses(this.cluster.nodes), files));
    await this.udp.apply(this.balancers);
    await this.addresses.keep(new Set(this.balancers.flatMap(({ addresses }) => addresses)));
    await this.writeZone();
    for (const [index, service] of wanted.entries()) await this.report(service, this.balancers[index]);
    for (const service of unwanted) {
      await this.cluster.release(service);
      console.log(`${name(service)}: gone`);
    }
  }

  private async balancer(service: V1Service): Promise<Reported> {
    const { uid = "" } = service.metadata ?? {};
    const addresses = await this.addresses.of(uid, families(service), service.spec?.loadBalancerIP);
    return { ...balancer(service, ...addresses), ingress: ingress(service, addresses) };
  }

  /** What HAProxy found out by its questions, which are about nodes and not about protocols; it asks none for a Service without TCP. */
  private async fitNodes(balancer: Balancer): Promise<NodeAddress[]> {
    const proxies = balancer.ports.map((port) => proxyName(balancer, port));
    const servers = (await this.haproxy.servers()).filter(({ proxy }) => proxies.includes(proxy));
    const isFit = ({ name }: NodeAddress) =>
      servers.length === 0 || servers.some(({ server, status }) => server === name && status.startsWith("UP"));
    return nodeAddresses(this.cluster.nodes).filter(isFit);
  }

  /** Only now, and when it is known which nodes are fit: who reads the status may connect at once. */
  private async report(service: V1Service, balancer: Reported | undefined): Promise<void> {
    if (balancer === undefined) return;
    const reported = told(balancer.ingress);
    if (reported === told(service.status?.loadBalancer?.ingress ?? [])) return;
    await this.haproxy.asked();
    await this.cluster.report(service, balancer.ingress);
    console.log(`${name(service)}: ${reported || "nothing"} at ${balancer.addresses.join(", ")}`);
  }

  /** The serial is what the name server goes by: it must grow, also over a restart. */
  private async writeZone(): Promise<void> {
    const content = zoneFile(this.balancers, 0);
    if (content === this.zone) return;
    await writeFile(`${this.zonePath}.new`, zoneFile(this.balancers, Math.floor(Date.now() / 100) % 2 ** 32));
    await rename(`${this.zonePath}.new`, this.zonePath);
    this.zone = content;
  }
}

function told(ingress: V1LoadBalancerIngress[]): string {
  return ingress.map(({ ip, hostname }) => ip ?? hostname).join(", ");
}

function name(service: V1Service): string {
  return `${service.metadata?.namespace}/${service.metadata?.name}`;
}

const byName = (a: V1Service, b: V1Service): number => name(a).localeCompare(name(b));
