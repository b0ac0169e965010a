/** A node of the cluster: containerd, kubelet and kube-proxy on a machine of its own. Runs inside the lab. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { log, type Node, network } from "../layout";
import { pauseImage } from "../programs/images";
import { output, startDaemon } from "../tools/process";
import { until } from "../tools/until";
import { nodeGroup } from "./cgroups";
import { condition, kubectl } from "./kubectl";
import { entryOf, kubeconfigOf, pki, rootOf } from "./paths";

/** Where plugins of old are looked for: a place where none is, or those of the machine would be found. */
export const volumePlugins = "/run/volumeplugins";

/** Starts a program on a node, which writes to a log of its name. */
export const startOn = (node: Node, name: string, command: string[]): (() => boolean) =>
  startDaemon(join(log, `${name}.log`), [entryOf(node), ...command]);

/** Starts containerd with all images, before there is a cluster to join. */
export const startContainerd = async (node: Node, imageStore: string): Promise<void> => {
  const root = rootOf(node);
  await giveImages(imageStore, join(root, "containerd"));
  mkdirSync(join(root, "cni"));
  writeFileSync(join(root, "cni", "10-lab.conflist"), JSON.stringify(cni(node)));
  writeFileSync(join(root, "containerd.toml"), containerd(root));
  const file = `containerd-${node.name}`;
  startOn(node, file, ["containerd", "--config", join(root, "containerd.toml")]);
  const socket = join(root, "run", "containerd", "containerd.sock");
  await until(`${node.name}'s containerd (see ${file}.log)`, () => output(["ctr", "--address", socket, "version"]), {
    every: 50,
  });
};

/** Starts what joins the cluster, and waits until the node is Ready. */
export const joinCluster = async (node: Node): Promise<void> => {
  const { name, zone, address } = node;
  const root = rootOf(node);
  // JSON is YAML too.
  writeFileSync(join(root, "kubelet.yaml"), JSON.stringify(kubelet(node), undefined, 2));
  writeFileSync(join(root, "proxy.yaml"), JSON.stringify(proxy(node), undefined, 2));
  startOn(node, `kubelet-${name}`, [
    ...["kubelet", `--config=${join(root, "kubelet.yaml")}`, `--kubeconfig=${kubeconfigOf(name)}`],
    ...[`--hostname-override=${name}`, `--node-ip=${address}`, `--node-labels=topology.kubernetes.io/zone=${zone}`],
    ...[`--root-dir=${join(root, "kubelet")}`, `--cert-dir=${join(root, "kubelet", "pki")}`, "--v=1"],
  ]);
  startOn(node, `kube-proxy-${name}`, ["kube-proxy", `--config=${join(root, "proxy.yaml")}`]);
  await condition(`${name} Ready`, ["node", name], "Ready");
};

/**
 * Lets the cluster forget a node whose machine is gone, so that its next is not taken for Ready on the word of the last, and does not inherit
 * its cordon. The lease goes with it: left there, it still belongs to the old node, and is deleted under the next one's hands.
 */
export const forget = async ({ name }: Node): Promise<void> => {
  await kubectl(["delete", "node", name, "--ignore-not-found"]);
  await kubectl(["delete", "lease", name, "-n", "kube-node-lease", "--ignore-not-found"]);
};

/** Links where it can, so that all nodes share the bytes on disk and in memory: containers write none of them. Its databases are its own. */
const giveImages = async (imageStore: string, to: string): Promise<void> => {
  mkdirSync(to);
  const links = statSync(imageStore).dev === statSync(to).dev;
  await output(["cp", "-a", links ? "--link" : "--reflink=auto", join(imageStore, "."), to]);
  for (const path of readdirSync(to, { recursive: true, encoding: "utf8" })) {
    if (!/^io\.containerd\.[^/]+\/\w+\.db$/.test(path)) continue;
    rmSync(join(to, path));
    copyFileSync(join(imageStore, path), join(to, path));
  }
};

const containerd = (root: string): string => `version = 2
root = "${join(root, "containerd")}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(root, "opt")}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  disable_apparmor = true
  # Lowering a score needs CAP_SYS_RESOURCE, which a container of the machine may lack.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(root, "cni")}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;

const cni = ({ pods }: Node) => ({
  cniVersion: "1.0.0",
  name: "lab",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: pods }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});

const kubelet = (node: Node) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: join(pki, "ca.crt") },
  },
  authorization: { mode: "Webhook" },
  tlsCertFile: join(pki, `${node.name}.crt`),
  tlsPrivateKeyFile: join(pki, `${node.name}.key`),
  cgroupDriver: "cgroupfs",
  cgroupRoot: join("/", nodeGroup(node)),
  failCgroupV1: false,
  failSwapOn: false,
  oomScoreAdj: 0,
  clusterDNS: [network.clusterDns],
  clusterDomain: "cluster.local",
  resolvConf: "/etc/resolv.conf",
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  podLogsDir: "/var/log/pods",
  volumePluginDir: volumePlugins,
  syncFrequency: "5s",
  // The images are nowhere else: none may be collected, and no pod evicted for a full disk of the machine's.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: {
    "memory.available": "100Mi",
    "nodefs.available": "1%",
    "nodefs.inodesFree": "1%",
    "imagefs.available": "1%",
    "imagefs.inodesFree": "1%",
  },
});

const proxy = ({ name }: Node) => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: kubeconfigOf("proxy") },
  mode: "nftables",
  clusterCIDR: network.pods,
  hostnameOverride: name,
  nodePortAddresses: ["primary"],
  oomScoreAdj: 0,
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
});
