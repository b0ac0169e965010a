/** Configuration files of the node's daemons. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { network } from "../layout";
import { pauseImage } from "../programs/images";
import { cgroupRoot } from "./cgroups";
import { configuration, kubeconfigOf, nodeName, pki, resolvConf, root } from "./paths";

const containerd = `version = 2
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

const cni = {
  cniVersion: "1.0.0",
  name: "lab",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: network.pods }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

const kubelet = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: join(pki, "ca.crt") },
  },
  authorization: { mode: "Webhook" },
  tlsCertFile: join(pki, "kubelet.crt"),
  tlsPrivateKeyFile: join(pki, "kubelet.key"),
  cgroupDriver: "cgroupfs",
  cgroupRoot,
  failCgroupV1: false,
  failSwapOn: false,
  oomScoreAdj: 0,
  clusterDNS: [network.clusterDns],
  clusterDomain: "cluster.local",
  resolvConf,
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  podLogsDir: "/var/log/pods",
  volumePluginDir: join(root, "kubelet", "volumeplugins"),
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
};

const proxy = {
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: kubeconfigOf("proxy") },
  mode: "nftables",
  clusterCIDR: network.pods,
  hostnameOverride: nodeName,
  nodePortAddresses: ["primary"],
  oomScoreAdj: 0,
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
};

/** Writes them all. */
export const writeConfigurations = (): void => {
  writeFileSync(configuration("containerd.toml"), containerd);
  writeFileSync(join(root, "cni", "10-lab.conflist"), JSON.stringify(cni));
  // JSON is YAML too.
  writeFileSync(configuration("kubelet.yaml"), JSON.stringify(kubelet, undefined, 2));
  writeFileSync(configuration("proxy.yaml"), JSON.stringify(proxy, undefined, 2));
};
