# shellcheck shell=bash
# Messages of the scripts. Sourced.

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

# fail MESSAGE [WHAT-TO-DO]: a clear end.
fail() {
    printf '%s: ERROR: %s\n' "${0##*/}" "$1" >&2
    [[ $# -lt 2 ]] || printf '%s: %s\n' "${0##*/}" "$2" >&2
    exit 1
}
