/** As in own/, in a lab that has the guide's versions too. */
export { mochaHooks } from "../own/state";
