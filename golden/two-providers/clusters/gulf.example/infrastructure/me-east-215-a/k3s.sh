#!/bin/sh
# [[region]] me-east-215-a: asks the cluster for the flags of k3s that this tree relies on. Written by sovereign.
# Run it with a kubeconfig of the cluster: sh k3s.sh
path='{range .items[*]}{.metadata.name}{" "}{.metadata.annotations.k3s\.io/node-args}{"\n"}{end}'
machines=$(kubectl get nodes --selector node-role.kubernetes.io/control-plane --output jsonpath="$path") || exit 3
[ -n "$machines" ] || { echo 'no machine of a control plane'; exit 1; }
lacking=0
needs() {
  without=$(printf '%s\n' "$machines" | grep -vE -e "$2" | cut -d ' ' -f 1)
  for machine in $without; do
    echo "$machine lacks $1"
    lacking=1
  done
}
# Cilium is the network; two of them take each other's routes
needs '--flannel-backend=none' '"--flannel-backend","([^",]+,)*none(,[^",]+)*"'
# Cilium enforces NetworkPolicies; a second controller knows none of its Pods
needs '--disable-network-policy' '"--disable-network-policy"(,"true"|,"--|])'
# the Gateway has ports 80 and 443
needs '--disable=traefik' '"--disable","([^",]+,)*traefik(,[^",]+)*"'
# load balancers are the provider's; ServiceLB takes the ports of the machines
needs '--disable=servicelb' '"--disable","([^",]+,)*servicelb(,[^",]+)*"'
# data would lie on the disk of one machine, in the class that is the default
needs '--disable=local-storage' '"--disable","([^",]+,)*local-storage(,[^",]+)*"'
# regions of one mesh have networks that do not overlap
needs '--cluster-cidr=10.60.0.0/16' '"--cluster-cidr","([^",]+,)*10[.]60[.]0[.]0/16(,[^",]+)*"'
# regions of one mesh have networks that do not overlap
needs '--service-cidr=10.110.0.0/16' '"--service-cidr","([^",]+,)*10[.]110[.]0[.]0/16(,[^",]+)*"'
# the API server has a certificate for the Sovereign's name
needs '--tls-san=gulf.example' '"--tls-san","([^",]+,)*gulf[.]example(,[^",]+)*"'
exit "$lacking"
