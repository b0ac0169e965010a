/** Runs the fake Cloudflare API and its control port until it is told to end. */
import { dns } from "../../layout";
import { host, ports } from "../../ports";
import { apiServer } from "./api/server";
import { controlServer } from "./control/server";
import { publishTo } from "./records/zoneFile";
import { newWorld } from "./world";

const world = newWorld(publishTo(dns.zones));
apiServer(world).listen(ports.cloudflare, host);
controlServer(world).listen(ports.cloudflareControl, host);
