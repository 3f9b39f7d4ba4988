# shellcheck shell=bash
# What machine is this, and can it run webprof. Sourced after say.sh.

MIN_PYTHON='3, 11'

require_root() {
    [[ $EUID -eq 0 ]] || fail "not root: the agent loads BPF programs and Debian packages may be needed" \
        "run it as root, or: sudo $0"
}

require_architecture() {
    local machine
    machine=$(uname -m)
    [[ $(uname -s) == Linux ]] || fail "this is $(uname -s); BPF needs Linux"
    [[ $machine == x86_64 ]] || fail "this machine is $machine; webprof's stack walking knows x86-64 only" \
        "run it on an x86-64 machine"
}

# The distribution's Python first: BCC's bindings belong to it, and users other than root can run it.
find_python() {
    local python
    for python in /usr/bin/python3 python3; do
        if "$python" -c "import sys; sys.exit(sys.version_info < ($MIN_PYTHON))" 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    fail "no Python 3.11 or newer found" "install one: on Debian 12, apt-get install python3"
}

# Without BPF everything but recording works, so this only warns; the agent reports the same to the hosts page.
warn_without_bpf() {
    local python=$1
    # BPF_PROG_GET_NEXT_ID (11) of the bpf system call (321 on x86-64): ENOENT when there is no program yet, ENOSYS or
    # EPERM when this kernel or container has none for us.
    local reason
    reason=$("$python" - <<'PY'
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
attribute = ctypes.create_string_buffer(128)
if libc.syscall(321, 11, attribute, 128) < 0 and ctypes.get_errno() != errno.ENOENT:
    print(os.strerror(ctypes.get_errno()))
PY
    )
    if [[ -n $reason ]]; then
        say "WARNING: this kernel gives us no BPF ($reason): everything but recording will work"
    fi
}
