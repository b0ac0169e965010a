#!/usr/bin/env bash
# The same edge by an expert's script with helm, kubectl and curl, in parallel where possible. Arguments: the wait,
# the versions of cert-manager, Envoy Gateway and the Gateway API, and whoami's image.
set -euo pipefail
cert_manager=$2 envoy_gateway=$3 gateway_api=$4 whoami=$5
api=https://api.cloudflare.com/client/v4
releases=https://github.com
cloudflare() { curl -sSf -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -H 'Content-Type: application/json' "$@"; }
for n in cert-manager envoy-gateway-system envoy-gateway whoami; do kubectl create namespace $n >/dev/null; done
kubectl label namespace envoy-gateway whoami https-edge/eg=attach >/dev/null
zone=$(cloudflare "$api/zones?name=example.com" | jq -r '.result[0].id')

issue() {
  helm install cert-manager oci://quay.io/jetstack/charts/cert-manager --version "$cert_manager" -n cert-manager --set crds.enabled=true --wait >/dev/null 2>&1 &
  local helm=$! groups token
  groups=$(cloudflare "$api/user/tokens/permission_groups" | jq -c '[.result[] | select(.name == "DNS Write" or .name == "Zone Read") | {id}]')
  token=$(cloudflare "$api/user/tokens" -d "{\"name\":\"script\",\"policies\":[{\"effect\":\"allow\",\"permission_groups\":$groups,\"resources\":{\"com.cloudflare.api.account.zone.$zone\":\"*\"}}]}" | jq -r .result.value)
  kubectl create secret generic cloudflare-api-token -n cert-manager --from-literal=api-token="$token" >/dev/null
  wait $helm
  for issuer in letsencrypt-staging:acme-staging-v02 letsencrypt-prod:acme-v02; do
    cat <<X
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: ${issuer%:*}}
spec:
  acme:
    server: https://${issuer#*:}.api.letsencrypt.org/directory
    privateKeySecretRef: {name: ${issuer%:*}-account-key}
    solvers: [{waitInsteadOfSelfCheck: $1, selector: {dnsZones: [example.com]}, dns01: {cloudflare: {apiTokenSecretRef: {name: cloudflare-api-token, key: api-token}}}}]
---
X
  done | kubectl apply -f - >/dev/null
  kubectl apply -f - >/dev/null <<X
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: wildcard-staging-example-com, namespace: envoy-gateway}
spec:
  secretName: wildcard-staging-example-com-tls
  issuerRef: {kind: ClusterIssuer, name: letsencrypt-staging}
  dnsNames: [staging.example.com, "*.staging.example.com"]
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  renewBeforePercentage: 33
X
  kubectl wait certificate/wildcard-staging-example-com -n envoy-gateway --for=condition=Ready --timeout=10m >/dev/null
}

serve() {
  curl -sSfL "$releases/kubernetes-sigs/gateway-api/releases/download/$gateway_api/standard-install.yaml" | kubectl apply --server-side -f - >/dev/null &
  local standard=$! address
  curl -sSfL "$releases/envoyproxy/gateway/releases/download/$envoy_gateway/envoy-gateway-crds.yaml" | kubectl apply --server-side -f - >/dev/null
  wait $standard
  helm install eg oci://docker.io/envoyproxy/gateway-helm --version "$envoy_gateway" -n envoy-gateway-system --skip-crds --set crds.enabled=false --wait >/dev/null 2>&1
  kubectl apply -f - >/dev/null <<X
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: {name: eg, namespace: envoy-gateway}
spec: {provider: {type: Kubernetes, kubernetes: {envoyDeployment: {replicas: 2}}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: eg, namespace: envoy-gateway}
spec:
  gatewayClassName: eg
  infrastructure: {parametersRef: {group: gateway.envoyproxy.io, kind: EnvoyProxy, name: eg}}
  listeners:
  - {name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Same}}}
  - {name: https, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: wildcard-staging-example-com-tls}]}, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {https-edge/eg: attach}}}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: https-redirect, namespace: envoy-gateway}
spec:
  parentRefs: [{name: eg, sectionName: http}]
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: whoami, namespace: whoami}
spec:
  parentRefs: [{name: eg, namespace: envoy-gateway, sectionName: https}]
  hostnames: [whoami.staging.example.com]
  rules: [{backendRefs: [{name: whoami, port: 80}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: whoami, namespace: whoami}
spec:
  replicas: 2
  selector: {matchLabels: {app: whoami}}
  template:
    metadata: {labels: {app: whoami}}
    spec: {containers: [{name: whoami, image: "$whoami", args: [--port=8080], ports: [{containerPort: 8080}], securityContext: {runAsUser: 65532}}]}
---
apiVersion: v1
kind: Service
metadata: {name: whoami, namespace: whoami}
spec: {selector: {app: whoami}, ports: [{port: 80, targetPort: 8080}]}
X
  kubectl wait gateway/eg -n envoy-gateway --for=condition=Programmed --timeout=10m >/dev/null
  address=$(kubectl get gateway eg -n envoy-gateway -o 'jsonpath={.status.addresses[0].value}')
  for name in staging.example.com '*.staging.example.com'; do
    cloudflare "$api/zones/$zone/dns_records" -d "{\"type\":\"A\",\"name\":\"$name\",\"content\":\"$address\",\"ttl\":1,\"proxied\":false}" >/dev/null
  done
}

issue "$1" & issuing=$!
serve
wait $issuing
