# shellcheck shell=bash
# Debian packages: install what is missing, and start none of their services. Sourced after say.sh.

missing_packages() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done
}

# install_packages WHY PACKAGE...: quick and offline when all are there.
install_packages() {
    local why=$1
    shift
    if ! command -v dpkg-query >/dev/null; then
        require_by_hand "$why" "$@"
        return
    fi
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    say "installing Debian packages ($why): ${missing[*]}"
    update_package_lists
    without_services apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get could not install: ${missing[*]} (its messages are above)" "install them by hand and run this again"
    disable_services "${missing[@]}"
}

update_package_lists() {
    apt-get update --quiet -o APT::Update::Error-Mode=any >/dev/null ||
        fail "the Debian package archive can't be reached, and packages are missing" \
            "check the network and /etc/apt/sources.list, or install by hand: ${missing[*]}"
}

# A policy-rc.d that answers 101 keeps packages from starting their service while they are installed: webprof runs its
# own Redis on a socket of its own, and a second one on the standard port is nobody's wish.
without_services() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [[ -e $policy ]]; then
        DEBIAN_FRONTEND=noninteractive "$@" || status=$?
    else
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        DEBIAN_FRONTEND=noninteractive "$@" || status=$?
        rm -f "$policy"
    fi
    return "$status"
}

# Only of packages that we just installed: a Redis or PostgreSQL that was there before is not ours to touch.
disable_services() {
    local package
    command -v systemctl >/dev/null || return 0
    for package in "$@"; do
        case $package in
        redis-server | postgresql)
            systemctl disable --quiet --now "$package" 2>/dev/null || systemctl disable --quiet "$package" 2>/dev/null || true
            say "$package: installed for its programs; its service is off (to use it yourself: systemctl enable --now $package)"
            ;;
        esac
    done
}

# Another distribution: we can only look, and say what is needed.
require_by_hand() {
    local why=$1 package missing=()
    shift
    for package in "$@"; do
        has_equivalent "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] ||
        fail "this is not Debian: install by hand what Debian calls ${missing[*]} ($why)" \
            "recording and Redis are, on Fedora: python3-bcc bcc elfutils-libs redis · Arch: python-bcc libelf redis · openSUSE: python3-bcc libdw1 redis"
}

has_equivalent() {
    case $1 in
    python3-bpfcc | libbpfcc) /usr/bin/python3 -c 'import bcc' 2>/dev/null ;;
    libdw1) python3 -c 'import ctypes; ctypes.CDLL("libdw.so.1")' 2>/dev/null ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
    nodejs) command -v node >/dev/null ;;
    openjdk-17-jdk-headless) command -v javac >/dev/null && command -v jcmd >/dev/null ;;
    musl-tools) command -v musl-gcc >/dev/null ;;
    binutils) command -v readelf >/dev/null ;;
    libc6-dev) [[ -e /usr/include/stdio.h ]] ;;
    chromium) [[ -x /usr/bin/chromium ]] ;;
    fonts-dejavu-core) fc-list 2>/dev/null | grep -q DejaVu ;;
    postgresql) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}
