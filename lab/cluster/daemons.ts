/** The node's daemons and their command lines, in the order in which one needs another. */
import { join } from "node:path";
import { network } from "../layout";
import { configuration, kubeconfigOf, nodeName, pki, root } from "./paths";

/** A daemon: its name is its log's. */
export interface Daemon {
  name: string;
  command: string[];
}

const key = (name: string): string => join(pki, name);
const ofUser = (user: string): string[] => [
  `--kubeconfig=${kubeconfigOf(user)}`,
  `--authentication-kubeconfig=${kubeconfigOf(user)}`,
  `--authorization-kubeconfig=${kubeconfigOf(user)}`,
  "--leader-elect=false",
  "--profiling=false",
];
const volumePlugins = join(root, "kubelet", "volumeplugins");

/** Need nothing of the rest. */
export const first: Daemon[] = [
  { name: "containerd", command: ["containerd", "--config", configuration("containerd.toml")] },
  {
    name: "etcd",
    command: [
      ...[
        "etcd",
        "--name",
        "lab",
        "--data-dir",
        join(root, "etcd"),
        "--unsafe-no-fsync",
        "--logger",
        "zap",
        "--log-level",
        "warn",
      ],
      ...["--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls", "http://127.0.0.1:2379"],
      ...["--listen-peer-urls", "http://127.0.0.1:2380", "--initial-advertise-peer-urls", "http://127.0.0.1:2380"],
      ...["--initial-cluster", "lab=http://127.0.0.1:2380"],
    ],
  },
];

/** Needs the certificates. */
export const apiServer: Daemon = {
  name: "kube-apiserver",
  command: [
    "kube-apiserver",
    "--etcd-servers=http://127.0.0.1:2379",
    `--advertise-address=${network.node}`,
    "--bind-address=0.0.0.0",
    "--secure-port=6443",
    `--tls-cert-file=${key("apiserver.crt")}`,
    `--tls-private-key-file=${key("apiserver.key")}`,
    `--client-ca-file=${key("ca.crt")}`,
    `--kubelet-certificate-authority=${key("ca.crt")}`,
    `--kubelet-client-certificate=${key("apiserver-kubelet-client.crt")}`,
    `--kubelet-client-key=${key("apiserver-kubelet-client.key")}`,
    "--kubelet-preferred-address-types=InternalIP,Hostname",
    `--requestheader-client-ca-file=${key("front-proxy-ca.crt")}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${key("front-proxy-client.crt")}`,
    `--proxy-client-key-file=${key("front-proxy-client.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${key("sa.pub")}`,
    `--service-account-signing-key-file=${key("sa.key")}`,
    `--service-cluster-ip-range=${network.services}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged=true",
    "--profiling=false",
  ],
};

/** Need the API server. */
export const rest: Daemon[] = [
  {
    name: "kubelet",
    command: [
      ...["kubelet", `--config=${configuration("kubelet.yaml")}`, `--kubeconfig=${kubeconfigOf("kubelet")}`],
      ...[`--hostname-override=${nodeName}`, `--node-ip=${network.node}`, `--root-dir=${join(root, "kubelet")}`],
      ...[`--cert-dir=${join(root, "kubelet", "pki")}`, "--v=1"],
    ],
  },
  {
    name: "kube-controller-manager",
    command: [
      "kube-controller-manager",
      ...ofUser("controller-manager"),
      `--service-account-private-key-file=${key("sa.key")}`,
      `--root-ca-file=${key("ca.crt")}`,
      "--use-service-account-credentials=true",
      `--cluster-signing-cert-file=${key("ca.crt")}`,
      `--cluster-signing-key-file=${key("ca.key")}`,
      `--service-cluster-ip-range=${network.services}`,
      `--cluster-cidr=${network.pods}`,
      "--allocate-node-cidrs=false",
      `--flex-volume-plugin-dir=${volumePlugins}`,
      // With the default of 20 it takes six seconds to start its controllers.
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
    ],
  },
  { name: "kube-scheduler", command: ["kube-scheduler", ...ofUser("scheduler")] },
  { name: "kube-proxy", command: ["kube-proxy", `--config=${configuration("proxy.yaml")}`] },
];
