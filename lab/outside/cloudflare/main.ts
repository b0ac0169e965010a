/** Runs the fake Cloudflare API and its control port until it is told to end. */
import { dns } from "../../layout";
import { apiServer } from "./api";
import { controlServer } from "./control";
import { host, ports } from "./ports";
import { newWorld } from "./world";
import { publishTo } from "./zoneFile";

const world = newWorld(publishTo(dns.zones));
apiServer(world).listen(ports.api, host);
controlServer(world).listen(ports.control, host);
