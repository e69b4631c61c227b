#!/bin/sh
# What a second machine is: its own network with nothing in it but a way to the site, its own
# processes and name, an empty home, and nothing of the checkout. Then the printed command alone.
set -eu
checkout=$1 bridge=$2 socket=$3 port=$4 home=$5 path=$6 command=$7

python=$(PATH=$path command -v python3)
echo second-machine >/proc/sys/kernel/hostname
ip link set lo up
mount -t tmpfs none "$checkout"
"$python" -I -S "$bridge" "$socket" "$port" "$home.ready" &
while [ ! -e "$home.ready" ]; do sleep 0.05; done

printf 'network: %s\n' "$(ip -o addr | awk '{ print $2, $4 }' | tr '\n' ' ')"
printf 'routes: %s\n' "$(awk 'END { print NR - 1 }' /proc/net/route)"
printf '$ %s\n' "$command"
cd "$home"
exec env -i HOME="$home" PATH="$path" sh -c "$command"
