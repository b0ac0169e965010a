/** The cloud's controller for load balancers: watches the cluster, drives HAProxy, shows what it does. */
import { access } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { kubeconfig, network } from "../../layout";
import { host, ports } from "../../ports";
import { Addresses } from "./addresses";
import { Cluster } from "./cluster";
import { coalesce } from "./coalesce";
import { Controller } from "./controller";
import { HAProxy } from "./haproxy";
import { page } from "./page";
import * as paths from "./paths";

/** Also when nothing was told, as every controller does, in case that something went past it. */
const resync = 10_000;

const main = async (): Promise<void> => {
  const haproxy = new HAProxy(paths.files);
  const addresses = new Addresses({ IPv4: network.balancers, IPv6: network.balancersIPv6 }, paths.addresses);
  await addresses.load();
  const cluster = new Cluster(await credentials(), () => reconcile());
  const controller = new Controller(cluster, addresses, haproxy, paths.zonePath);
  const reconcile = coalesce(
    () => controller.reconcile(),
    200,
    (error) => console.log(`not done, trying again: ${error instanceof Error ? error.message : error}`),
  );
  const state = async () => ({
    known: cluster.known,
    balancers: controller.balancers,
    servers: await haproxy.servers(),
  });
  setInterval(reconcile, resync).unref();
  page(state).listen(ports.balancer, host);
};

/** The cluster is brought up side by side with this. */
const credentials = async (): Promise<KubeConfig> => {
  const config = new KubeConfig();
  while (
    !(await access(kubeconfig)
      .then(() => true)
      .catch(() => false))
  )
    await setTimeout(100);
  config.loadFromFile(kubeconfig);
  return config;
};

main();
