import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { until } from "../../../lab";
import { eventually } from "../support/eventually";
import { OwnLab } from "../support/ownLab";

const lab = new OwnLab("two-nodes");
const namespace = "crowd";
const image = "docker.io/traefik/whoami:v1.11.0";
const front = "198.51.100.20";

interface Node {
  metadata: { name: string; labels: Record<string, string> };
  spec: { unschedulable?: boolean };
  status: { conditions: { type: string; status: string }[] };
}

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: { podIP?: string; conditions?: { type: string; status: string }[] };
}

interface Server {
  proxy: string;
  server: string;
  status: string;
  connections: number;
}

const kubectl = (...args: string[]): Promise<string> => lab.inside(["kubectl", "-n", namespace, ...args]);
const list = async <T>(kind: string): Promise<T[]> => JSON.parse(await kubectl("get", kind, "-o", "json")).items;

const isReady = ({ status }: Node | Pod): boolean =>
  status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

/** The pods that answer, by their node. */
const pods = async (): Promise<Record<string, Pod>> => {
  const all = (await list<Pod>("pods")).filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp);
  return Object.fromEntries(all.map((pod) => [pod.spec.nodeName, pod]));
};

/** One pod on each node that takes pods. */
const crowd = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "crowd", namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "crowd" } },
    template: {
      metadata: { labels: { app: "crowd" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: { matchLabels: { app: "crowd" } },
          },
        ],
        containers: [
          { name: "whoami", image, readinessProbe: { httpGet: { path: "/health", port: 80 }, periodSeconds: 1 } },
        ],
      },
    },
  },
};

const service = (name: string, spec: object) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { selector: { app: "crowd" }, ports: [{ port: 80 }], ...spec },
});

/** A Service's address: its balancer's, or in the cluster its own. */
const addressOf = (name: string): Promise<string> =>
  until(`address of ${name}`, async () => {
    const { spec, status } = JSON.parse(await kubectl("get", "service", name, "-o", "json"));
    return (spec.type === "LoadBalancer" ? status.loadBalancer.ingress?.[0].ip : spec.clusterIP) as string | undefined;
  });

/** What whoami says at an address: in which pod, and who asked. */
const ask = async (address: string, from: string[] = []): Promise<{ pod?: string; asker?: string }> => {
  const said = await lab.inside([...from, "curl", "-sSf", "--max-time", "10", `http://${address}/`]);
  const line = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(said)?.[1];
  return { pod: line("Hostname"), asker: line("RemoteAddr")?.replace(/:\d+$/, "") };
};

const askOften = async (address: string): Promise<{ pod?: string; asker?: string }[]> => {
  const answers = [];
  for (let each = 0; each < 10; each++) answers.push(await ask(address));
  return answers;
};

/** What puts a command into a pod's network. */
const inPod = ({ spec, status }: Pod): string[] => {
  const entry = `${lab.directory}/nodes/${spec.nodeName}/enter`;
  const script = `for each in $(ip netns list | cut -d' ' -f1); do
    if ip -n "$each" -o addr | grep -qF " ${status.podIP}/"; then exec ip netns exec "$each" "$@"; fi
  done; echo "no pod has ${status.podIP}" >&2; exit 1`;
  return [entry, "sh", "-c", script, "sh"];
};

/** What the balancer knows of the nodes behind a Service. */
const servers = async (name: string): Promise<Record<string, Server>> => {
  const state = JSON.parse(await lab.inside(["curl", "-sSf", "http://127.0.0.1:8004/state.json"]));
  const own = (state.servers as Server[]).filter(({ proxy }) => proxy.startsWith(`${namespace}:${name}:`));
  return Object.fromEntries(own.map((each) => [each.server, each]));
};

/** Which nodes the balancer finds fit for a Service. */
const fit = async (name: string): Promise<string[]> =>
  Object.values(await servers(name)).flatMap(({ server, status }) => (status.startsWith("UP") ? [server] : []));

const both = ["node-1", "node-2"];

describe("The lab's cluster", () => {
  before(async () => {
    await lab.run("down");
    const up = await lab.run("up");
    assert.equal(up.code, 0, up.output);
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      crowd,
      service("inside", {}),
      service("local", { type: "LoadBalancer", externalTrafficPolicy: "Local" }),
      service("cluster", { type: "LoadBalancer", externalTrafficPolicy: "Cluster" }),
    ];
    await lab.inside(["kubectl", "apply", "-f", "-"], [JSON.stringify({ apiVersion: "v1", kind: "List", items })]);
    await kubectl("rollout", "status", "deployment/crowd", "--timeout=120s");
  });
  after(() => lab.run("down"));

  it("has two nodes, Ready, in two zones", async () => {
    const nodes = await list<Node>("nodes");
    assert.deepEqual(
      nodes.map((node) => [node.metadata.name, node.metadata.labels["topology.kubernetes.io/zone"], isReady(node)]),
      [
        ["node-1", "a", true],
        ["node-2", "b", true],
      ],
    );
    const status = JSON.parse((await lab.run("status", "--json")).stdout);
    assert.deepEqual(status.nodes, { "node-1": true, "node-2": true });
  });

  it("spreads pods over the zones", async () => {
    assert.deepEqual(Object.keys(await pods()).sort(), both);
  });

  it("lets the pods of both reach each other, and a Service", async () => {
    const found = await pods();
    const inside = await addressOf("inside");
    for (const [from, to] of [both, [...both].reverse()]) {
      const [asking, asked] = [found[from ?? ""], found[to ?? ""]];
      assert.ok(asking && asked?.status.podIP);
      const answer = await ask(asked.status.podIP, inPod(asking));
      assert.deepEqual(answer, { pod: asked.metadata.name, asker: asking.status.podIP });
      assert.ok((await ask(inside, inPod(asking))).pod);
    }
  });

  it("tells what each container says, on both nodes", async () => {
    for (const { metadata } of Object.values(await pods()))
      assert.match(await kubectl("logs", metadata.name), /Starting up on port 80/);
  });

  it("shows containerd's images to whoever asks in the lab", async () => {
    assert.ok((await lab.inside(["ctr", "images", "list", "--quiet"])).split("\n").includes(image));
  });

  it("refuses and counts what would leave, from either node", async () => {
    for (const [index, node] of both.entries()) {
      const attempt = [`${lab.directory}/nodes/${node}/enter`, "curl", "-sS", "--max-time", "10", "http://192.0.2.1/"];
      const { code, output } = await lab.run("run", ...attempt);
      assert.equal(code, 7, output);
      const { escapes } = JSON.parse((await lab.run("status", "--json")).stdout);
      assert.equal(escapes, index + 1);
    }
  });

  describe("behind the balancer", () => {
    it("gets its traffic over both nodes under the policy Cluster, with a node's address", async () => {
      const address = await addressOf("cluster");
      await eventually("both nodes fit", async () => assert.deepEqual(await fit("cluster"), both));
      const before = await servers("cluster");
      const answers = await askOften(address);
      const after = await servers("cluster");
      for (const node of both) assert.equal((after[node]?.connections ?? 0) - (before[node]?.connections ?? 0), 5);
      assert.deepEqual(
        answers.filter(({ asker }) => asker === front),
        [],
      );
    });

    it("keeps the balancer's address under the policy Local", async () => {
      await eventually("both nodes fit", async () => assert.deepEqual(await fit("local"), both));
      const answers = await askOften(await addressOf("local"));
      assert.deepEqual([...new Set(answers.map(({ asker }) => asker))], [front]);
      assert.equal(new Set(answers.map(({ pod }) => pod)).size, 2);
    });

    it("gets traffic under Local only on nodes with an endpoint", async () => {
      const address = await addressOf("local");
      await kubectl("scale", "deployment/crowd", "--replicas=1");
      const node = await until("one pod", async () => {
        const [first, second] = Object.keys(await pods());
        return second === undefined && first;
      });
      await eventually("its node alone fit", async () => assert.deepEqual(await fit("local"), [node]));
      const before = await servers("local");
      assert.equal((await askOften(address)).length, 10);
      const after = await servers("local");
      for (const each of both)
        assert.equal((after[each]?.connections ?? 0) - (before[each]?.connections ?? 0), each === node ? 10 : 0);
      assert.deepEqual(await fit("cluster"), both);
      await kubectl("scale", "deployment/crowd", "--replicas=2");
      await kubectl("rollout", "status", "deployment/crowd", "--timeout=60s");
    });

    it("gets nothing under Local on a node that is drained", async () => {
      const address = await addressOf("local");
      await eventually("both nodes fit", async () => assert.deepEqual(await fit("local"), both));
      await kubectl("drain", "node-2", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s");
      await eventually("the other node alone fit", async () => assert.deepEqual(await fit("local"), ["node-1"]));
      const before = (await servers("local"))["node-2"]?.connections;
      await askOften(address);
      assert.equal((await servers("local"))["node-2"]?.connections, before);
    });

    it("gets traffic on it again once it takes pods", async () => {
      await kubectl("uncordon", "node-2");
      await eventually("both nodes fit", async () => assert.deepEqual(await fit("local"), both));
    });

    it("goes on with the other node when one is lost", async () => {
      const address = await addressOf("local");
      process.kill(lab.initOf("nodes/node-2"), "SIGKILL");
      await eventually("the other node alone fit", async () => {
        for (const name of ["local", "cluster"]) assert.deepEqual(await fit(name), ["node-1"]);
      });
      const [pod] = Object.values(await pods()).filter(({ spec }) => spec.nodeName === "node-1");
      for (const answer of await askOften(address)) assert.equal(answer.pod, pod?.metadata.name);
      const { nodes } = JSON.parse((await lab.run("status", "--json")).stdout);
      assert.deepEqual(nodes, { "node-1": true, "node-2": false });
    });
  });

  describe("with a node lost", () => {
    const twoAgain = async (): Promise<void> => {
      const up = await lab.run("up");
      assert.equal(up.code, 0, up.output);
      assert.match(up.output, /replacing node-2, which was lost\n(.*\n)*.*lab "two-nodes" is up since/);
      assert.deepEqual((await list<Node>("nodes")).map(isReady), [true, true]);
      const address = await addressOf("local");
      // For a moment the cluster still believes in the pods of before.
      await eventually("pods on both nodes, and traffic to both", async () => {
        assert.deepEqual(Object.keys(await pods()).sort(), both);
        assert.deepEqual(await fit("local"), both);
        assert.equal(new Set((await askOften(address)).map(({ pod }) => pod)).size, 2);
      });
    };

    it("has two again after another up", twoAgain);

    it("has two again when only the kubelet had ended, and the node was cordoned", async () => {
      await kubectl("cordon", "node-2");
      await lab.inside([`${lab.directory}/nodes/node-2/enter`, "pkill", "-KILL", "-x", "kubelet"]);
      await twoAgain();
      assert.deepEqual(
        (await list<Node>("nodes")).map(({ spec }) => spec.unschedulable ?? false),
        [false, false],
      );
    });

    it("is a new one after another up when the node was that of the control plane", async () => {
      process.kill(lab.initOf("nodes/node-1"), "SIGKILL");
      const up = await lab.run("up");
      assert.equal(up.code, 0, up.output);
      assert.match(up.output, /clearing what an earlier lab left/);
      assert.deepEqual((await list<Node>("nodes")).map(isReady), [true, true]);
    });
  });

  describe("taken down", () => {
    it("leaves no trace of either node", async () => {
      const down = await lab.run("down");
      assert.equal(down.code, 0, down.output);
      assert.deepEqual(await lab.traces(), []);
    });
  });
});
