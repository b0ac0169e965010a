/** What the lab needs from the machine: Linux, root, the toolchains and some Debian packages. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { output } from "../tools/process";
import { say } from "./progress";

/** Programs, by the Debian package that has them. */
export type Packages = Record<string, string[]>;

const packages: Packages = {
  containerd: ["containerd"],
  runc: ["runc"],
  "containernetworking-plugins": ["/usr/lib/cni/bridge"],
  nftables: ["nft"],
  iptables: ["iptables"],
  conntrack: ["conntrack"],
  openssl: ["openssl"],
  iproute2: ["ip"],
  "util-linux": ["nsenter", "unshare"],
  procps: ["sysctl"],
  haproxy: ["haproxy"],
  curl: ["curl"],
  jq: ["jq"],
  "python3-pip": ["pip3"],
};

/** Toolchains. The lab installs none of them. */
const toolchains: Record<string, string> = {
  go: "https://go.dev/doc/install (1.24 or later; it downloads newer versions itself)",
};

const path = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
const present = (program: string): boolean =>
  program.startsWith("/") ? existsSync(program) : path.some((directory) => existsSync(join(directory, program)));

/** The packages that are missing. */
const missing = (packages: Packages): string[] =>
  Object.entries(packages)
    .filter(([, programs]) => !programs.every(present))
    .map(([name]) => name);

/**
 * Checks the machine, and installs missing packages where it can; `more` is what the caller needs beside the lab. Otherwise throws one error
 * with each lack and its cure.
 */
export const meetRequirements = async (more: Packages = {}): Promise<void> => {
  const lacks: string[] = [];
  if (process.platform !== "linux" || process.arch !== "x64")
    lacks.push(
      `the lab must run on Linux on x86-64, got ${process.platform} on ${process.arch} (the edge itself runs anywhere)`,
    );
  const root = process.getuid?.() === 0;
  if (!root)
    lacks.push("the lab must be run by root, since it makes network namespaces and containers (try: sudo make demo)");
  for (const [program, where] of Object.entries(toolchains))
    if (!present(program)) lacks.push(`${program} must be installed, got none on PATH (see ${where})`);

  const toInstall = missing({ ...packages, ...more });
  if (toInstall.length > 0) {
    const install = `apt-get install --no-install-recommends ${toInstall.join(" ")}`;
    if (root && isDebian() && lacks.length === 0) {
      say(`installing ${toInstall.join(", ")}`);
      await apt(["update"]);
      await apt(["install", "--yes", "--no-install-recommends", ...toInstall]);
    } else
      lacks.push(`packages must be installed, got none of ${toInstall.join(", ")} (on Debian or Ubuntu: ${install})`);
  }
  if (lacks.length > 0) throw new Error(`This machine lacks what the lab needs:\n  ${lacks.join("\n  ")}`);
};

const isDebian = (): boolean =>
  existsSync("/etc/os-release") && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));

const apt = (args: string[]): Promise<string> =>
  output(["apt-get", "-qq", ...args], { env: { DEBIAN_FRONTEND: "noninteractive" } });
