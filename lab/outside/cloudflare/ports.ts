/** Where the fake listens, in the namespace outside the cluster; the front has the name and the TLS. */
export const host = "127.0.0.1";
export const ports = { api: 8001, control: 8002 };
export const controlUrl = `http://${host}:${ports.control}`;
