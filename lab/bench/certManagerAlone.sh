#!/usr/bin/env bash
# The floor: cert-manager alone, by Helm and kubectl, issuing the same certificate with the same wait. Arguments: the wait, and the version of cert-manager.
set -euo pipefail
kubectl create namespace cert-manager >/dev/null
kubectl create namespace envoy-gateway >/dev/null
kubectl create secret generic cloudflare-api-token -n cert-manager --from-literal=api-token="$CLOUDFLARE_API_TOKEN" >/dev/null
helm install cert-manager oci://quay.io/jetstack/charts/cert-manager --version "$2" -n cert-manager --set crds.enabled=true --wait >/dev/null 2>&1
kubectl apply -f - >/dev/null <<X
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt-staging}
spec:
  acme:
    server: https://acme-staging-v02.api.letsencrypt.org/directory
    privateKeySecretRef: {name: letsencrypt-staging-account-key}
    solvers: [{waitInsteadOfSelfCheck: $1, dns01: {cloudflare: {apiTokenSecretRef: {name: cloudflare-api-token, key: api-token}}}}]
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: wildcard-staging-example-com, namespace: envoy-gateway}
spec:
  secretName: wildcard-staging-example-com-tls
  issuerRef: {kind: ClusterIssuer, name: letsencrypt-staging}
  dnsNames: [staging.example.com, "*.staging.example.com"]
  privateKey: {algorithm: ECDSA, size: 256}
X
kubectl wait certificate/wildcard-staging-example-com -n envoy-gateway --for=condition=Ready --timeout=10m >/dev/null
