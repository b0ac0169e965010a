/** The variables that name a proxy, so that a test's own say the same on every machine. */

const variables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"];

/** Sets exactly these of the variables; what it returns puts the machine's back. */
export const setProxies = (values: Record<string, string> = {}): (() => void) => {
  const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  const assign = (all: Record<string, string | undefined>) => {
    for (const name of variables) {
      delete process.env[name];
      if (all[name] !== undefined) process.env[name] = all[name];
    }
  };
  assign(values);
  return () => assign(before);
};
