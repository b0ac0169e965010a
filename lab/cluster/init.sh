#!/usr/bin/env bash
# PID 1 of a place, in mount, pid, uts and ipc namespaces of its own. Nothing mounted here is seen outside, and all of it goes when this
# process ends. Arguments: the place's directory, the host name, the program that then waits as PID 1, the doors of its control groups.
set -euo pipefail
place=$1
read -r pid _ < /proc/self/stat             # as the machine counts, whose /proc this still is
for door in "${@:4}"; do echo 0 > "$door"; done
mount --make-rslave /
mount -t proc proc /proc
mount --rbind /sys/fs/cgroup "$place/cgroup"
mount -t sysfs sysfs /sys                   # this network namespace's view
mount --move "$place/cgroup" /sys/fs/cgroup # moved, not bound: unmounting a shared copy would unmount both
mount --bind "$place/varlog" /var/log
# An overlay, not a bind on /var/lib/cni: removing a mount point outside takes the mount away inside as well.
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$place/varlib,workdir=$place/varlib.work" /var/lib
mount --bind "$place/etc/resolv.conf" /etc/resolv.conf
mount --bind "$place/etc/hosts" /etc/hosts
mount --bind "$place/run" /run
# What the kubelet sets is the whole machine's, so it gets files to write to in their place.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  mkdir -p "$place/sysctl/$(dirname "$setting")"
  cat "/proc/sys/$setting" > "$place/sysctl/$setting"
  mount --bind "$place/sysctl/$setting" "/proc/sys/$setting"
done
mount --make-rshared /                      # last: containers may want propagation (the host's side stays a slave)
hostname "$2"
echo "$pid" > "$place/pid"
exec "$3"
