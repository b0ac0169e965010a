#!/usr/bin/env bash
# PID 1 of the node, in mount, pid, uts and ipc namespaces of its own. Nothing mounted here is seen outside, and all of it goes when this
# process ends. Arguments: the node's directory, the host name, the program that then waits as PID 1.
set -euo pipefail
node=$1
mount --make-rslave /
mount -t proc proc /proc
mount --rbind /sys/fs/cgroup "$node/cgroup"
mount -t sysfs sysfs /sys                   # this network namespace's view
mount --move "$node/cgroup" /sys/fs/cgroup  # moved, not bound: unmounting a shared copy would unmount both
mount --bind "$node/varlog" /var/log
# An overlay, not a bind on /var/lib/cni: removing a mount point outside takes the mount away inside as well.
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$node/varlib,workdir=$node/varlib.work" /var/lib
mount --bind "$node/etc/resolv.conf" /etc/resolv.conf
mount --bind "$node/etc/hosts" /etc/hosts
mount --bind "$node/run" /run
# What the kubelet sets is the whole machine's, so it gets files to write to in their place.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  mkdir -p "$node/sysctl/$(dirname "$setting")"
  cat "/proc/sys/$setting" > "$node/sysctl/$setting"
  mount --bind "$node/sysctl/$setting" "/proc/sys/$setting"
done
mount --make-rshared /                      # last: containers may want propagation (the host's side stays a slave)
hostname "$2"
touch "$node/ready"
exec "$3"
