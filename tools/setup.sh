#!/bin/sh
# Installs what Proofline needs to be built (setup.sh build) or built and tested (setup.sh test) on Debian 12 or 13.
# Says what it installs before it does; does nothing when everything is there.
set -eu
what=${1:-build}
build_packages="gcc libc6-dev meson ninja-build pkg-config python3 ccache
  libllhttp-dev libsqlite3-dev libsodium-dev libssl-dev libseccomp-dev libyyjson-dev libxml2-dev libyaml-dev
  libarchive-dev libxlsxwriter-dev libminizip-dev zlib1g-dev libzstd-dev libdeflate-dev libcurl4-openssl-dev libqrencode-dev libcmocka-dev linux-libc-dev"
test_packages="python3-jsonschema clang llvm libclang-rt-dev sqlite3 openssl zstd curl procps chromium fonts-dejavu-core nodejs npm git ca-certificates"

say() { printf '%s\n' "$*" >&2; }
. /etc/os-release
case "${ID:-}:${VERSION_ID:-}" in
  debian:12 | debian:13) ;;
  *) say "setup: this is ${PRETTY_NAME:-not Debian}; the packages are named as in Debian 12 and 13. Trying all the same." ;;
esac

# On Debian 12 the sanitizers' runtime has another name, and these libraries come from Debian 13.
trixie_packages="libllhttp-dev libyyjson-dev"
[ "${VERSION_ID:-}" = 12 ] && test_packages=$(printf '%s' "$test_packages" | sed 's/libclang-rt-dev/libclang-rt-14-dev/')
wanted=$build_packages
[ "$what" = test ] && wanted="$wanted $test_packages"

missing=
for p in $wanted; do
  case $p in
    nodejs) command -v node >/dev/null 2>&1 && continue ;;
    npm) command -v npm >/dev/null 2>&1 && continue ;;
  esac
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then as_root=
elif command -v sudo >/dev/null 2>&1; then as_root=sudo
else
  say "setup: these packages are missing:$missing"
  say "setup: run this once as root, or install sudo: apt-get install$missing"
  exit 4
fi
say "setup: installing with apt-get${as_root:+ (through sudo)}:$missing"

apt_quiet() { DEBIAN_FRONTEND=noninteractive $as_root apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >&2; }
# What Debian 12 lacks comes from Debian 13, pinned so that nothing but these libraries moves.
from_trixie= from_here=
for p in $missing; do
  case "${VERSION_ID:-} $trixie_packages " in
    "12 "*"$p "*) from_trixie="$from_trixie $p/trixie" ;;
    *) from_here="$from_here $p" ;;
  esac
done
if [ -n "$from_trixie" ]; then
  say "setup: from Debian 13, pinned at priority 100:$from_trixie"
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | $as_root tee /etc/apt/preferences.d/proofline-trixie >/dev/null
  mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) bookworm .*/\2/p' \
             /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -m 1 '/debian/\{0,1\}$' || true)
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "${mirror:-http://deb.debian.org/debian}" | $as_root tee /etc/apt/sources.list.d/proofline-trixie.sources >/dev/null
  apt_quiet update
  # shellcheck disable=SC2086
  apt_quiet install --no-install-recommends $from_trixie
else
  apt_quiet update
fi
# shellcheck disable=SC2086
[ -z "$from_here" ] || apt_quiet install --no-install-recommends $from_here
