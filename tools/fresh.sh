#!/bin/sh
# Proves the way from a fresh clone to a served page and passed tests on a new machine: tools/fresh.sh bookworm|trixie
#
# Two machines are made from a minimal Debian (debootstrap), each with nothing but a shell:
#   one where everything is done as root: ./start, then ./check;
#   one where an ordinary user with sudo does it: ./start (and ./check with FRESH_FULL=1).
# Needs root and debootstrap.  Mounts and processes live in namespaces of their own and end with this script.
# The base system and the packages are kept under ~/.cache/proofline-fresh, so that a second run is quick.
set -eu
suite=${1:-}
case $suite in
  bookworm | trixie) ;;
  *) printf 'usage: tools/fresh.sh bookworm|trixie\n' >&2; exit 2 ;;
esac
here=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/proofline-fresh

if [ "${FRESH_INSIDE:-}" != 1 ]; then
  [ "$(id -u)" = 0 ] || { printf 'fresh: making a machine needs root\n' >&2; exit 4; }
  command -v debootstrap >/dev/null || { printf 'fresh: install debootstrap first: apt-get install debootstrap\n' >&2; exit 4; }
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/proofline-fresh.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  trap 'exit 130' INT TERM
  FRESH_INSIDE=1 FRESH_WORK=$work unshare --mount --pid --fork --kill-child --propagation private sh "$0" "$suite"
  exit
fi

work=$FRESH_WORK
passed=0 failed=0
began=$(date +%s)
result() {                                          # result CODE WORDS [LOG]
  if [ "$1" = 0 ]; then passed=$((passed + 1)) word=ok
  else failed=$((failed + 1)) word=FAILED; fi
  printf '[%5d s] %-6s %s: %s\n' $(($(date +%s) - began)) "$word" "$suite" "$2"
  if [ "$1" != 0 ] && [ -s "${3:-/dev/null}" ]; then tail -n "${FRESH_TAIL:-60}" "$3" | sed 's/^/    /'; fi
  return 0
}
finish() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
  exit
}

# The mirror that this machine uses, for the base system and inside.
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* \
           2>/dev/null | grep -m 1 '/debian/\{0,1\}$' || true)
mirror=${mirror:-http://deb.debian.org/debian}

# A week-old base system is made anew.
make_base() {
  mkdir -p "$cache/debs-$suite/partial"
  base=$cache/base-$suite.tar
  [ -n "$(find "$base" -mtime -7 2>/dev/null)" ] && return 0
  debootstrap --variant=minbase "$suite" "$work/base" "$mirror" || return 1
  rm -f "$work/base"/var/cache/apt/archives/*.deb
  tar -C "$work/base" -cf "$base.part" . && mv "$base.part" "$base"
  rm -rf "$work/base"
}

# A machine: the base, this machine's name service, proxy and certificates, a clone, and the test data where it is here.
make_machine() {                                    # make_machine ROOT HOME
  mkdir -p "$1" && tar -C "$1" -xf "$cache/base-$suite.tar" || return 1
  cp -L /etc/resolv.conf "$1/etc/resolv.conf"
  printf '127.0.0.1 localhost %s\n' "$(uname -n)" >"$1/etc/hosts"
  printf 'deb %s %s main\n' "$mirror" "$suite" >"$1/etc/apt/sources.list"
  apt-config dump 2>/dev/null | grep -i '^Acquire::[a-z]*::Proxy' >"$1/etc/apt/apt.conf.d/90proxy" || true
  bundle=${NODE_EXTRA_CA_CERTS:-${SSL_CERT_FILE:-}}
  if [ -n "$bundle" ] && [ -s "$bundle" ]; then cp -L "$bundle" "$1/etc/machine-ca.crt"; fi
  mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" || return 1
  mount --bind "$cache/debs-$suite" "$1/var/cache/apt/archives" || return 1
  mkdir -p "$1$2"
  git clone -q --no-local "$here" "$1$2/proofline" || return 1
  [ -d "$here/../shared" ] || return 0
  mkdir "$1$2/shared" && mount --bind "$here/../shared" "$1$2/shared" && mount -o remount,ro,bind "$1$2/shared"
}

# Runs a command in the clone, with the environment of a first login.
enter() {                                           # enter ROOT USER HOME COMMAND...
  enter_root=$1 enter_user=$2 enter_home=$3
  shift 3
  ca=
  [ -s "$enter_root/etc/machine-ca.crt" ] && ca=NODE_EXTRA_CA_CERTS=/etc/machine-ca.crt
  # shellcheck disable=SC2086
  exec chroot --userspec="$enter_user:$enter_user" --groups="$enter_user" "$enter_root" /usr/bin/env -i HOME="$enter_home" USER="$enter_user" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb $ca \
    sh -c 'cd "$HOME/proofline" && exec "$@"' sh "$@"
}

fetch_page='
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=20) as page:
    text = page.read().decode()
sys.exit(0 if page.status == 200 and "<title>" in text else 1)'

# ./start until a page can be had, then SIGTERM; it must end by itself and leave nothing behind.
try_start() {                                       # try_start ROOT USER HOME LABEL
  log=$work/start.log url='' waited=0
  : >"$log"
  (enter "$1" "$2" "$3" ./start --port 0) >"$log" 2>&1 &
  pid=$!
  while [ -z "$url" ] && [ $waited -lt 1800 ] && kill -0 $pid 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    url=$(grep -o -m 1 'http://127[^ ]*' "$log" || true)
  done
  if [ -z "$url" ]; then
    kill -TERM $pid 2>/dev/null || true
    result 1 "$4: ./start prints an address" "$log"
    return 0
  fi
  result 0 "$4: ./start prints an address"
  (enter "$1" "$2" "$3" python3 -c "$fetch_page" "$url") >>"$log" 2>&1 && code=0 || code=1
  result $code "$4: a page can be fetched from it" "$log"
  kill -TERM $pid
  waited=0
  while kill -0 $pid 2>/dev/null && [ $waited -lt 30 ]; do sleep 1; waited=$((waited + 1)); done
  wait $pid && code=0 || code=$?
  [ $waited -lt 30 ] || kill -KILL $pid 2>/dev/null || true
  result "$code" "$4: it ends when asked to" "$log"
}

try_check() {                                       # try_check ROOT USER HOME LABEL
  log=$work/check.log
  (enter "$1" "$2" "$3" ./check) >"$log" 2>&1 && code=0 || code=$?
  FRESH_TAIL=400 result $code "$4: ./check: $(tail -n 1 "$log")" "$log"
  grep '^skipped:' "$log" | sed 's/^/    /' || true
}

make_base >"$work/base.log" 2>&1 && code=0 || code=$?
result $code "a minimal system from $mirror" "$work/base.log"
[ $code = 0 ] || finish

one=$work/one
make_machine "$one" /root >"$work/one.log" 2>&1 && code=0 || code=$?
result $code "root: a new machine and a clone" "$work/one.log"
[ $code = 0 ] || finish
try_start "$one" root /root root
try_check "$one" root /root root

two=$work/two
{ make_machine "$two" /home/tester && chroot "$two" sh -c '
    useradd -d /home/tester -s /bin/sh tester && chown -R tester:tester /home/tester/proofline && chown tester:tester /home/tester
    DEBIAN_FRONTEND=noninteractive apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends sudo &&
    echo "tester ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/tester && chmod 440 /etc/sudoers.d/tester'; } >"$work/two.log" 2>&1 && code=0 || code=$?
result $code "user: a new machine with sudo and a clone" "$work/two.log"
[ $code = 0 ] || finish
try_start "$two" tester /home/tester user
[ "${FRESH_FULL:-}" = 1 ] && try_check "$two" tester /home/tester user
finish
