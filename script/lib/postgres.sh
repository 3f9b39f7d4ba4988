# shellcheck shell=bash
# A throw-away PostgreSQL on a Unix socket, for the tests that must pass on it too. Sourced after say.sh.

# Nothing here outlives the tests, so nothing needs to reach the disk; nor do tables of a few rows need a vacuum.
UNSAFE_AND_QUICK=(fsync=off synchronous_commit=off full_page_writes=off wal_level=minimal max_wal_senders=0 autovacuum=off)

# with_postgres COMMAND...: runs it with DATABASE_URL set; the server and its data end with it.
with_postgres() (
    set -euo pipefail
    # Not local: the trap runs when the function is left.
    programs=$(dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)")
    directory=$(mktemp -d)
    # initdb and the server refuse to run as root.
    [[ $EUID -ne 0 ]] || chown postgres "$directory"
    trap 'as_postgres "$programs/pg_ctl" --pgdata="$directory/data" --mode=immediate --silent stop; rm -rf "$directory"' EXIT
    as_postgres "$programs/initdb" --pgdata="$directory/data" --username=webprof --auth=trust --no-sync >/dev/null
    as_postgres "$programs/pg_ctl" --pgdata="$directory/data" --log="$directory/log" --silent --wait \
        --options="-c listen_addresses='' -c unix_socket_directories='$directory' ${UNSAFE_AND_QUICK[*]/#/-c }" start
    DATABASE_URL="postgres://webprof@${directory//\//%2F}/postgres" "$@"
)

as_postgres() {
    if [[ $EUID -eq 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --init-groups --no-new-privs "$@"
    else
        "$@"
    fi
}
