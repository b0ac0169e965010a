/** The control plane: etcd, API server, controller manager and scheduler, on the first node. Runs inside the lab. */
import { join } from "node:path";
import { log, network, nodes, run } from "../layout";
import { output } from "../tools/process";
import { until } from "../tools/until";
import { startOn, volumePlugins } from "./node";
import { etcd, kubeconfigOf, pki } from "./paths";

const key = (name: string): string => join(pki, name);
const ofUser = (user: string): string[] => [
  `--kubeconfig=${kubeconfigOf(user)}`,
  `--authentication-kubeconfig=${kubeconfigOf(user)}`,
  `--authorization-kubeconfig=${kubeconfigOf(user)}`,
  "--leader-elect=false",
  "--profiling=false",
];

const etcdCommand = [
  ...["etcd", "--name", "lab", "--data-dir", etcd, "--unsafe-no-fsync", "--logger", "zap", "--log-level", "warn"],
  ...["--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls", "http://127.0.0.1:2379"],
  ...["--listen-peer-urls", "http://127.0.0.1:2380", "--initial-advertise-peer-urls", "http://127.0.0.1:2380"],
  ...["--initial-cluster", "lab=http://127.0.0.1:2380"],
];

const apiServer = [
  "kube-apiserver",
  "--etcd-servers=http://127.0.0.1:2379",
  `--advertise-address=${network.controlPlane}`,
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
];

const controllerManager = [
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
];

const scheduler = ["kube-scheduler", ...ofUser("scheduler")];

/** Its log has the program's name. */
const start = (command: string[]): void => {
  startOn(nodes[0], command[0] ?? "", command);
};

/** Starts them all; complete when the API server is ready. */
export const startControlPlane = async (): Promise<void> => {
  start(etcdCommand);
  const servers = nodes.map(({ name, address }) => `${name}=${address}`);
  await output([join(__dirname, "pki.sh"), pki, run, network.controlPlane, network.apiService, ...servers]);
  start(apiServer);
  const ready = ["curl", "-sSf", "--cacert", key("ca.crt"), `https://${network.controlPlane}:6443/readyz`];
  await until(`API server (see ${join(log, "kube-apiserver.log")})`, () => output(ready), { every: 50 });
  start(controllerManager);
  start(scheduler);
};
