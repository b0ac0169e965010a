/**
 * What a client may agree on over TLS: Mozilla's "intermediate" guidelines 6.0, which every browser since 2014 can meet, as far as they concern
 * an ECDSA certificate: https://ssl-config.mozilla.org/guidelines/6.0.json
 */

/** Oldest and newest version. */
export const tlsVersions = { minVersion: "1.2", maxVersion: "1.3" };

/** Suites of TLS 1.2, the preferred one first. Those of TLS 1.3 are fixed: https://www.rfc-editor.org/rfc/rfc8446#section-9.1 */
export const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
];

/** Signatures of a handshake. BoringSSL would use SHA-1 for who knows nothing else: https://www.rfc-editor.org/rfc/rfc9155 */
export const signatureAlgorithms = ["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"];

/** Groups of the key exchange, by the names of BoringSSL. The first keeps today's traffic from tomorrow's quantum computers. */
export const ecdhCurves = ["X25519MLKEM768", "X25519", "P-256", "P-384"];
