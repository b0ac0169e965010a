/** The lab's certificate authority. It is made once, stands for those of the public web, and the whole lab trusts it. */
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import * as place from "../layout";
import { output } from "../tools/process";
import { madeOnce } from "./cache";

/** Makes the files of place.ca if they are missing. */
export const certificateAuthority = async (): Promise<void> => {
  await madeOnce(dirname(place.ca.certificate), async (into) => {
    const file = (path: string) => join(into, basename(path));
    await output([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"],
      ...["-subj", "/O=HTTPS edge lab/CN=HTTPS edge lab CA", "-addext", "basicConstraints=critical,CA:TRUE"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      ...["-keyout", file(place.ca.key), "-out", file(place.ca.certificate)],
    ]);
    // Mozilla's roots from Node: the machine's own may include a company's root, and that must not get into an image.
    const roots = [...rootCertificates, await readFile(file(place.ca.certificate), "utf8")];
    await writeFile(file(place.ca.bundle), `${roots.map((root) => root.trim()).join("\n")}\n`);
  });
};
