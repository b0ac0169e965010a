/** Prints what the largest of the edge's proxies holds, in MiB. Runs inside the lab. */
import { namesOf } from "../../components/rules/names";
import { readyPods, useOf } from "./pods";

const { controllers, proxyLabels } = namesOf();

readyPods(controllers.envoyGateway, proxyLabels).then((proxies) =>
  console.log(Math.max(...proxies.map((proxy) => useOf(proxy).memory))),
);
