/** Certificates in PEM, made anew for a test. */
import { execFileSync } from "node:child_process";

/** A self-signed certificate of a CA, good for a day; or of a mere server. */
export const certificate = (subject: string, ca: boolean): string =>
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-nodes", "-days", "1", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-keyout", "/dev/null", "-subj", `/CN=${subject}`, "-addext", `basicConstraints=critical,CA:${ca}`],
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
