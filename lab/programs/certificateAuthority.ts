/** The lab's certificate authority, which stands for those of the public web: made once, trusted by all of the lab. */
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import * as place from "../layout";
import { output } from "../tools/process";
import { madeOnce } from "./cache";

/** Makes place.ca's files if they are not there. */
export const certificateAuthority = async (): Promise<void> => {
  await madeOnce(dirname(place.ca.certificate), async (into) => {
    const file = (path: string) => join(into, basename(path));
    await output([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"],
      ...["-subj", "/O=HTTPS edge lab/CN=HTTPS edge lab CA", "-addext", "basicConstraints=critical,CA:TRUE"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      ...["-keyout", file(place.ca.key), "-out", file(place.ca.certificate)],
    ]);
    // Mozilla's roots as Node has them: the machine's own may hold a company's, which is no business of an image.
    const roots = [...rootCertificates, await readFile(file(place.ca.certificate), "utf8")];
    await writeFile(file(place.ca.bundle), `${roots.map((root) => root.trim()).join("\n")}\n`);
  });
};
