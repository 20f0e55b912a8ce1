#!/bin/sh
# root.sh FOLDER [PACKAGE...]: a Debian 12 with systemd, udev, cron and a kernel in FOLDER, made once; root and a network are needed.
set -eu
folder=$1
shift
[ -e "$folder/complete" ] && exit 0
packages=systemd-sysv,udev,cron,dbus,linux-image-amd64,initramfs-tools,kmod
for package; do
    packages=$packages,$package
done
debootstrap --variant=minbase --include="$packages" bookworm "$folder" "${MIRROR:-http://deb.debian.org/debian}"
rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*
touch "$folder/complete"
