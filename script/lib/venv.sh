# shellcheck shell=bash
# The virtual environment: made from a lock file with hashes, then left alone until a lock changes. Sourced after say.sh.

STAMP=.venv/.made-from

# make_venv PYTHON LOCK: .venv holds what LOCK names, and the checkout itself. Quick and offline when it does already.
make_venv() {
    local python=$1 lock=$2 locks
    locks=$(cat requirements/*.txt pyproject.toml | sha256sum | cut -d' ' -f1)
    if ! usable_venv "$python"; then
        say "making .venv with $python"
        "$python" -m venv --clear .venv || fail "could not make .venv with $python" "on Debian: apt-get install python3-venv"
    fi
    # First line: the locks as they were; then the locks that were installed since.
    [[ $(head -n 1 "$STAMP" 2>/dev/null) == "$locks" ]] || echo "$locks" >"$STAMP"
    if grep -qxF "$lock" "$STAMP"; then
        return
    fi
    say "installing Python packages from $lock"
    # pip compiles on one CPU: see compile_venv.
    venv_pip install --no-compile --require-hashes --requirement "$lock" ||
        fail "the Python packages could not be installed (messages above)" \
            "is the package index reachable? Only a first start, or one after a change of $lock, needs it"
    # Its build backend came with the lock, so this asks nobody.
    venv_pip install --no-deps --no-build-isolation --no-index --editable . || fail "the checkout could not be installed"
    echo "$lock" >>"$STAMP"
}

# compile_venv LOCK: what LOCK names is compiled, on all CPUs; for programs that run as who may not write here.
compile_venv() {
    ! grep -qxF "compiled: $1" "$STAMP" || return 0
    # Some packages bring files for other versions of Python.
    env --unset=PYTHONPYCACHEPREFIX .venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null || true
    echo "compiled: $1" >>"$STAMP"
}

# Quiet twice: errors only.
venv_pip() { .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input "$@"; }

# Made by this very Python, and at this place: its scripts name their path.
usable_venv() {
    [[ $(.venv/bin/python -VV 2>/dev/null) == "$("$1" -VV)" ]] && grep -qsF "$PWD/.venv/bin/python" .venv/bin/pip
}
