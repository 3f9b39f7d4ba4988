# shellcheck shell=bash
# A CPython that this Debian has not, for the tests of Python frames: from the next release's packages, unpacked beside
# everything else and with their own libc, never installed. Sourced after say.sh and debian.sh.

NEXT_PYTHON=3.14
NEXT_PYTHON_RELEASE=forky
NEXT_PYTHON_PACKAGES=(libc6 libexpat1 zlib1g libpython3.14-minimal libpython3.14-stdlib python3.14-minimal)

# Where it is: tests/pythons.py looks there. A new clone finds what an older one fetched.
next_python_directory() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/webprof-tests/python$NEXT_PYTHON"; }

# Quick and offline when it is there. Without it the tests of this version are skipped, and say so.
install_next_python() {
    local directory
    directory=$(next_python_directory)
    [[ ! -x $directory/bin/python3 ]] || return 0
    say "fetching Python $NEXT_PYTHON of Debian's $NEXT_PYTHON_RELEASE for the tests"
    (fetch_next_python "$directory") || say "WARNING: no Python $NEXT_PYTHON (messages above): its tests will be skipped"
}

# What fails ends it: `set -e` means nothing to who is asked whether it worked.
fetch_next_python() {
    local directory=$1 archive
    archive=$(archive_of_this_machine) || return 1
    mkdir -p "$(dirname "$directory")" && work=$(mktemp -d "$directory.XXXXXX") || return 1 # not local: for the trap
    trap 'rm -rf "$work"' EXIT
    download_packages "$archive" "$work/apt" && unpack_python "$work" "$directory" || return 1
    rm -rf "$directory" && mv "$work" "$directory" || return 1
    "$directory/bin/python3" -c 'import re, threading' || { rm -rf "$directory"; return 1; }
}

# unpack_python WORK FINAL: from WORK/apt to WORK/root, for the time when WORK is called FINAL.
unpack_python() {
    local package
    for package in "$1"/apt/*.deb; do
        dpkg-deb --extract "$package" "$1/root" || return 1
    done
    rm -rf "$1/apt" && chmod 755 "$1" && mkdir "$1/bin" || return 1
    ln -s "../root/usr/bin/python$NEXT_PYTHON" "$1/bin/python3" && link_to_own_libc "$1/root" "$2/root"
}

archive_of_this_machine() {
    # shellcheck disable=SC2034  # update_package_lists names what is missing
    local archive missing=("Python $NEXT_PYTHON")
    archive=$(debian_archive)
    [[ -n $archive ]] || { update_package_lists && archive=$(debian_archive); }
    [[ -n $archive ]] || say "this machine's package sources name no Debian archive" >&2
    echo "$archive"
    [[ -n $archive ]]
}

# The archive that this machine's own packages come from.
debian_archive() {
    # shellcheck disable=SC2016  # apt's own variable
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1
}

# download_packages ARCHIVE DIRECTORY: with lists and settings of its own, so that the machine's apt stays as it was.
download_packages() {
    local archive=$1 apt=$2
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" && touch "$apt/state/status" || return 1
    echo "deb [arch=amd64 signed-by=$keyring] $archive $NEXT_PYTHON_RELEASE main" >"$apt/sources.list"
    local options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::Etc::PreferencesParts=/dev/null -o "Dir::State=$apt/state" -o "Dir::State::Status=$apt/state/status"
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none --quiet=2)
    apt-get "${options[@]}" update && (cd "$apt" && apt-get "${options[@]}" download "${NEXT_PYTHON_PACKAGES[@]}")
}

# link_to_own_libc ROOT FINAL-ROOT: the interpreter needs a newer libc than this machine has.
link_to_own_libc() {
    local root=$1 libraries=$2/usr/lib/x86_64-linux-gnu
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" "$root/usr/bin/python$NEXT_PYTHON"
}
