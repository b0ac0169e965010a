#!/usr/bin/env bash
# Certificates, keys and kubeconfigs of the cluster, each once. Arguments: the directory of the keys, the directory of the kubeconfigs,
# the API server's address and its Service's, and each node as NAME=ADDRESS.
set -euo pipefail
cd "$1"; configs=$2; address=$3; service=$4; shift 4
key() { [ -s "$1.key" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
ca() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -days 3650 -subj "/CN=$2" -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature
}
cert() { # NAME SUBJECT CA [SAN]
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -CA "$3.crt" -CAkey "$3.key" -set_serial "0x$(openssl rand -hex 16)" -days 3650 -out "$1.crt" \
      -extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n%s' "${4:+subjectAltName=$4}") 2>/dev/null
}
kubeconfig() { # USER CERT
  cat > "$configs/$1.kubeconfig" <<X
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://$address:6443", certificate-authority-data: $(base64 -w0 < ca.crt)}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 < "$2.crt"), client-key-data: $(base64 -w0 < "$2.key")}}]
contexts: [{name: lab, context: {cluster: lab, user: $1}}]
current-context: lab
X
}
umask 077
ca ca lab-kubernetes
ca front-proxy-ca lab-front-proxy
cluster=kubernetes.default
cert apiserver /CN=kube-apiserver ca "IP:127.0.0.1,IP:$address,IP:$service,DNS:localhost,DNS:kubernetes,DNS:$cluster,DNS:$cluster.svc,DNS:$cluster.svc.cluster.local"
cert apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client ca
cert front-proxy-client /CN=front-proxy-client front-proxy-ca
for node in "$@"; do cert "${node%=*}" "/O=system:nodes/CN=system:node:${node%=*}" ca "IP:${node#*=},DNS:${node%=*}"; done
cert admin /O=system:masters/CN=admin ca
cert controller-manager /CN=system:kube-controller-manager ca
cert scheduler /CN=system:kube-scheduler ca
cert proxy /CN=system:kube-proxy ca
key sa
openssl pkey -in sa.key -pubout -out sa.pub
for user in admin controller-manager scheduler proxy "${@%=*}"; do kubeconfig "$user" "$user"; done
