/** The lab's public face. Tests import nothing else of the lab. */

export { changes, drain, drained, proxyPods, renewal } from "./bench/changes";
export { readability, see } from "./client/browser";
export { askHttp3 } from "./client/http3";
export { ask, askPlain, rootOf } from "./client/https";
export { whileBalancerIsLate } from "./client/lateBalancer";
export { type Load, startLoad, startLoads } from "./client/load";
export { directoryOf, nodeVersions } from "./client/nodeVersions";
export { copyProject } from "./client/project";
export { pythonSdk } from "./client/python/sdk";
export { escapes } from "./cluster/guard";
export { clone, companyCa, dns, labs, log, network, nodes, pulumiHome, run as runDirectory } from "./layout";
export { balancer } from "./outside/balancer/balancer";
export { configuration as balancerConfig } from "./outside/balancer/configuration";
export { HAProxy } from "./outside/balancer/haproxy";
export { accountId, accounts, tokens, zones } from "./outside/cloudflare/account";
export type { Fault } from "./outside/cloudflare/control/faults";
export type { LoggedRequest } from "./outside/cloudflare/control/log";
export type { stateOf } from "./outside/cloudflare/control/state";
export { namesOutside } from "./outside/dns/log";
export { configuration as frontConfig } from "./outside/front/configuration";
export type { AcmeFault } from "./outside/letsencrypt/api/faults";
export { acmeControlUrl, controlUrl } from "./ports";
export { build as buildPrograms } from "./programs/build";
export { inMirror, mirror } from "./programs/mirror";
export { type Ended, output, type Running, run, start } from "./tools/process";
export { named as processesNamed, startOf, tree } from "./tools/processes";
export { until } from "./tools/until";
