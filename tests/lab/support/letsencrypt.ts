/** The lab's Let's Encrypt, both environments of it. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AcmeFault, acmeControlUrl, output, runDirectory } from "../../../lab";
import { remove } from "./cluster";
import { control, failing } from "./control";

/** Lets requests to it fail while `during` runs. */
export const withAcmeFaults = (faults: AcmeFault[], during: () => Promise<void>): Promise<void> =>
  failing(acmeControlUrl, faults, during);

/** Those that no request has met yet. */
export const acmeFaults = (): Promise<AcmeFault[]> => control<AcmeFault[]>(acmeControlUrl, "/faults");

/** Takes an issuer's account away: cert-manager registers another, of which the CA has validated nothing yet. */
export const registerAnew = async (issuer: string): Promise<void> => {
  await remove("secret", `${issuer}-account-key`, "cert-manager");
  const annotate = (...args: string[]) => output(["kubectl", "annotate", "clusterissuer", issuer, ...args]);
  // A change has cert-manager look at once.
  await annotate("--overwrite", `lab.https-edge/anew=${Date.now()}`);
  await annotate("lab.https-edge/anew-");
};

/** A certificate that ended long ago, and its key, as a TLS Secret has them. */
export const endedCertificate = async (names: string[]): Promise<{ "tls.crt": string; "tls.key": string }> => {
  const directory = mkdtempSync(join(runDirectory, "ended-"));
  const file = (name: string) => join(directory, name);
  writeFileSync(file("database"), "");
  writeFileSync(
    file("config"),
    [
      ...["[ca]", "default_ca = own", "[own]", `database = ${file("database")}`, `new_certs_dir = ${directory}`],
      ...["rand_serial = yes", "default_md = sha256", "policy = any", "copy_extensions = copy"],
      ...["[any]", "commonName = supplied", ""],
    ].join("\n"),
  );
  const subject = ["-subj", `/CN=${names[0]}`, "-addext", `subjectAltName=${names.map((name) => `DNS:${name}`)}`];
  const key = ["-nodes", "-newkey", "rsa:2048", "-keyout", file("key")];
  await output(["openssl", "req", "-new", ...key, ...subject, "-out", file("request")]);
  const dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
  const how = ["-batch", "-selfsign", "-notext", "-config", file("config"), "-keyfile", file("key")];
  await output(["openssl", "ca", ...how, ...dates, "-in", file("request"), "-out", file("certificate")]);
  const encoded = (name: string) => readFileSync(file(name)).toString("base64");
  return { "tls.crt": encoded("certificate"), "tls.key": encoded("key") };
};
