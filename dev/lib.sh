# Shared by the commands in dev/: where things are, what a fresh Debian 12 lacks, how the tree is built.
# shellcheck shell=bash disable=SC2034 # used by the files that source this
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${TRAPLINE_BUILD:-$root/build}
jobs=${TRAPLINE_JOBS:-$(nproc)}
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=true

# All from Debian's archive.
product_packages=(
  g++ cmake ninja-build bison flex pkg-config ccache lld-19 llvm-19-dev
  libbpf-dev libbpfcc-dev libelf-dev libdw-dev zlib1g-dev libzstd-dev libncurses-dev libfmt-dev
)
# libclang reads C headers for scripts that need it, and is loaded only then.
test_packages=(libclang1-19 libclang-common-19-dev libgtest-dev nlohmann-json3-dev systemtap-sdt-dev)
bench_packages=(clang-19 libbenchmark-dev)
check_packages=(clang-19 libclang-rt-19-dev universal-ctags)
vm_packages=(qemu-system-x86 busybox-static cpio xz-utils zstd)

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# Installs those of the named packages that are missing. Takes some 20 ms when none is.
need_packages() {
  local installed package missing=()
  installed=$(dpkg-query -W -f '|${Package} ${db:Status-Status}|' "$@" 2>/dev/null || :)
  for package in "$@"; do
    [[ $installed == *"|$package installed|"* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  ((EUID == 0)) || die "as root, once: apt-get install --no-install-recommends ${missing[*]}"
  echo "installing ${missing[*]}" >&2
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  local install=("${apt[@]}" install -y --no-install-recommends "${missing[@]}")
  # Package lists may be absent or old: fetch them only then.
  "${install[@]}" >/dev/null 2>&1 || { "${apt[@]}" update && "${install[@]}" >/dev/null; } >&2 ||
    die "apt-get could not install ${missing[*]}"
}

# configure DIR [CMAKE-OPTION...]: makes the build folder, or makes it anew when an option differs from its cache.
configure() {
  local dir=$1 option
  shift
  if [[ -f $dir/build.ninja ]]; then
    for option in "$@"; do
      option=${option#-D}
      grep -q "^${option%%=*}:[A-Z]*=${option#*=}\$" "$dir/CMakeCache.txt" || break
      option=
    done
    [[ $# -gt 0 && $option ]] || return 0
  fi
  cmake -G Ninja -S "$root" -B "$dir" "$@" >&2
}

# build DIR TARGET...: shows progress, and nothing when all is up to date.
build() {
  local dir=$1 quiet=()
  shift
  # Looking for new files is a step of every build, and no news.
  ninja -C "$dir" -n "$@" 2>/dev/null | grep -v 'Re-checking' | grep -q '^\[' || quiet=(--quiet)
  ninja -C "$dir" -j "$jobs" "${quiet[@]}" "$@" | grep -vE '^ninja: |Re-checking globbed' >&2 || [[ ${PIPESTATUS[0]} == 0 ]]
}

build_product() {
  need_packages "${product_packages[@]}"
  [[ -f $build/build.ninja ]] || configure "$build" -DTRAPLINE_TESTS=OFF
  build "$build" trapline
}

# Tracing files are not mounted on a fresh machine until someone asks for them.
mount_tracefs() {
  [[ -d /sys/kernel/tracing/events ]] || ((EUID != 0)) ||
    mount -t tracefs nodev /sys/kernel/tracing 2>/dev/null || :
}
