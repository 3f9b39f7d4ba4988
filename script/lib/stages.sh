# shellcheck shell=bash
# Runs the stages of a test run one after the other, keeps going, and sums up. Sourced after say.sh.

STAGE_LOGS=$(mktemp -d)
trap 'rm -rf "$STAGE_LOGS"' EXIT
SUMMARY=()
FAILED=0
TESTS_PASSED=0
TESTS_FAILED=0
TESTS_SKIPPED=0

# stage NAME COMMAND...
stage() {
    local name=$1 begin=$SECONDS status=0 log="$STAGE_LOGS/$1"
    shift
    printf '\n=== %s: %s\n' "$name" "$*"
    "$@" 2>&1 | tee "$log" || status=$?
    count_tests "$log"
    local word=ok
    if [[ $status -ne 0 ]]; then
        word="FAILED (exit $status)"
        FAILED=1
    fi
    SUMMARY+=("$(printf '%-10s %4d s  %-18s %s' "$name" $((SECONDS - begin)) "$word" "$(closing_line "$log")")")
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
    printf '%d s in all\n' "$SECONDS"
    printf '%d passed, %d failed, %d skipped\n' "$TESTS_PASSED" "$TESTS_FAILED" "$TESTS_SKIPPED"
    exit "$FAILED"
}
