# shellcheck shell=bash
# Runs the stages of a test run, some beside others, keeps going, and sums up. Sourced after say.sh.

STAGE_LOGS=$(mktemp -d)
SUMMARY=()
FAILED=0
TESTS_PASSED=0
TESTS_FAILED=0
TESTS_SKIPPED=0
CPU_S=0
# Stages that run beside the others, as `name:process group:when it began`.
BESIDE=()
# How much they yield to those that they run beside, which wait for other programs half of the time and look at the clock.
BESIDE_NICE=10
trap end_stages EXIT

# stage NAME COMMAND...
stage() {
    local name=$1 begin=$SECONDS status=0 log="$STAGE_LOGS/$1"
    shift
    printf '\n=== %s: %s\n' "$name" "$*"
    timed "$name" "$@" 2>&1 | tee "$log" || status=$?
    sum_up "$name" "$begin" "$status"
}

# stage_beside NAME COMMAND...: goes on while other stages run; `join_stages` shows what it printed.
stage_beside() {
    local name=$1
    shift
    printf '\n=== %s: begins; shown at its end: %s\n' "$name" "$*"
    # A process group of its own, so that it can be ended.
    set -m
    { renice -n "$BESIDE_NICE" "$BASHPID" >/dev/null && timed "$name" "$@"; } </dev/null >"$STAGE_LOGS/$name" 2>&1 &
    set +m
    BESIDE+=("$name:$!:$SECONDS")
}

# join_stages: waits for those beside.
join_stages() {
    local one name group begin status
    for one in "${BESIDE[@]}"; do
        IFS=: read -r name group begin <<<"$one"
        status=0
        wait "$group" || status=$?
        printf '\n=== %s\n' "$name"
        cat "$STAGE_LOGS/$name"
        sum_up "$name" "$begin" "$status"
    done
    BESIDE=()
}

end_stages() {
    local one
    for one in "${BESIDE[@]}"; do
        kill -- "-$(cut -d: -f2 <<<"$one")" 2>/dev/null || true
    done
    rm -rf "$STAGE_LOGS"
}

# timed NAME COMMAND...: in a shell of its own, which knows what its processes took.
timed() (
    local name=$1 status=0
    shift
    "$@" || status=$?
    times >"$STAGE_LOGS/$name.times"
    echo "$SECONDS" >"$STAGE_LOGS/$name.end"
    exit "$status"
)

# sum_up NAME BEGIN STATUS
sum_up() {
    local name=$1 begin=$2 status=$3 log="$STAGE_LOGS/$1" end cpu word=ok
    end=$(cat "$log.end" 2>/dev/null || echo "$SECONDS")
    cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, /[ms]/); sum += part[1] * 60 + part[2] } }
        END { printf "%d", sum }' "$log.times" || echo 0)
    CPU_S=$((CPU_S + cpu))
    count_tests "$log"
    if [[ $status -ne 0 ]]; then
        word="FAILED (exit $status)"
        FAILED=1
    fi
    SUMMARY+=("$(printf '%-10s %4d s  %4d CPU s  %-18s %s' \
        "$name" $((end - begin)) "$cpu" "$word" "$(closing_line "$log")")")
}

# The last line in which a test runner says what it ran, without its frame.
closing_line() {
    grep -E '^=+ .*(passed|failed|error|no tests ran).* =+$|^# (tests|pass|fail|skipped) [0-9]+$' "$1" |
        sed -E 's/^=+ | =+$//g; s/^# //' | tail -n 4 | paste -sd' ' | sed 's/ in [0-9.]*s.*//' || true
}

count_tests() {
    local log=$1
    TESTS_PASSED=$((TESTS_PASSED + $(counted "$log" passed pass)))
    TESTS_FAILED=$((TESTS_FAILED + $(counted "$log" '(failed|errors?)' fail)))
    TESTS_SKIPPED=$((TESTS_SKIPPED + $(counted "$log" skipped skipped)))
}

# counted LOG PYTEST-WORD NODE-WORD: the sum of both runners' figures for it; 0 for a stage that runs no tests.
counted() {
    local figures
    figures=$(
        grep -E '^=+ .* in [0-9.]+s.* =+$' "$1" | grep -oE "[0-9]+ $2"
        grep -E "^# $3 [0-9]+\$" "$1" | sed -E 's/^# [a-z]+ //'
    ) || true
    awk '{sum += $1} END {print sum + 0}' <<<"$figures"
}

# finish_stages: the summary; every skipped test by name; the last line counts. Exits 1 when a stage failed.
finish_stages() {
    local skipped
    skipped=$(grep -hE '^SKIPPED ' "$STAGE_LOGS"/* 2>/dev/null || true)
    if [[ -n $skipped ]]; then
        printf '\n!!! SKIPPED, so not tested here:\n%s\n' "$skipped"
    fi
    printf '\n=== summary\n'
    printf '%s\n' "${SUMMARY[@]}"
    printf '%d s in all, %d CPU s\n' "$SECONDS" "$CPU_S"
    printf '%d passed, %d failed, %d skipped\n' "$TESTS_PASSED" "$TESTS_FAILED" "$TESTS_SKIPPED"
    exit "$FAILED"
}
