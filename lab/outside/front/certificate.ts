/** Server certificates, signed by the lab's CA or by another. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ca } from "../../layout";
import { output } from "../../tools/process";

export interface Certificate {
  certificate: string;
  key: string;
}

/** Makes a CA's `<name>.crt` and `<name>.key` in the directory. */
export const makeAuthority = async (directory: string, name: string): Promise<Certificate> => {
  await mkdir(directory, { recursive: true });
  const [certificate, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  await output([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"],
    ...["-subj", `/CN=${name}`, "-addext", "basicConstraints=critical,CA:TRUE"],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", key, "-out", certificate],
  ]);
  return { certificate, key };
};

/** Makes `<name>.crt` and `<name>.key` in the directory, for DNS names and IP addresses alike. */
export const makeCertificate = async (
  directory: string,
  name: string,
  names: string[],
  authority: Certificate = ca,
): Promise<Certificate> => {
  await mkdir(directory, { recursive: true });
  const file = (extension: string) => join(directory, `${name}.${extension}`);
  const [certificate, key, request, extensions] = [file("crt"), file("key"), file("csr"), file("ext")];
  const subjects = names.map((each) => (/^[\d.]+$/.test(each) ? `IP:${each}` : `DNS:${each}`));
  await writeFile(
    extensions,
    [
      "basicConstraints=critical,CA:FALSE",
      "keyUsage=critical,digitalSignature",
      "extendedKeyUsage=serverAuth",
      `subjectAltName=${subjects.join(",")}`,
    ].join("\n"),
  );
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
  await output(["openssl", "req", "-new", ...newKey, "-subj", `/CN=${name}`, "-out", request]);
  const issuer = ["-CA", authority.certificate, "-CAkey", authority.key, "-set_serial", `0x${await serial()}`];
  await output([
    "openssl",
    "x509",
    "-req",
    "-in",
    request,
    ...issuer,
    "-days",
    "365",
    "-extfile",
    extensions,
    "-out",
    certificate,
  ]);
  return { certificate, key };
};

/** A random serial, because some clients refuse two certificates of one CA with the same serial. */
const serial = async (): Promise<string> => `00${(await output(["openssl", "rand", "-hex", "16"])).trim()}`;
