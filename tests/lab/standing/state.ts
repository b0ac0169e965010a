/** As in own/: what stands in the cluster differs from suite to suite. A folder of its own, so that it runs beside own/. */
export { mochaHooks } from "../own/state";
