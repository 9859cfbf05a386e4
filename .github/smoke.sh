#!/bin/sh
# Is this stage fit for use? One refund from POST to its final status, a wrong key, a
# bad body. Needs curl and a POSIX shell.
#
#   API_URL=https://... API_KEY=... .github/smoke.sh
#
# An order SMOKE-... is rejected without the payment gateway, whatever the limit: no
# money moves, also on production. Its record stays.
# The key goes to curl through standard input: no process list and no log shows it.
# Ends with one line, "smoke: ok ..." or "smoke: FAILED: ...", and the status 0 or 1; 3
# where all is well but the decision, which is not there in time: a release that decides
# nothing, or a backlog before it (`tox -e smoke` finds out).
set -eu

: "${API_URL:?smoke: set API_URL, the base URL of the stage}"
: "${API_KEY:?smoke: set API_KEY, the API key of the stage}"
attempts=${SMOKE_ATTEMPTS:-12}      # of what may fail for a passing reason
pause_s=${SMOKE_PAUSE_S:-5}         # between two attempts
decision_s=${SMOKE_DECISION_S:-60}  # from 202 to the final status
look_s=${SMOKE_LOOK_S:-1}           # between two looks at the refund

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "smoke: FAILED: $*" >&2
    exit "${failed:-1}"
}

say() {
    echo "smoke: $*"
}

command -v curl >/dev/null || fail "curl is needed: install it"

# call KEY METHOD PATH [BODY]: leaves the status in $status, the answer in $scratch/body.
call() {
    key=$1 method=$2 path=$3 body=${4-}
    set -- --silent --max-time 30 --connect-timeout 5 --request "$method" \
        --output "$scratch/body" --write-out '%{http_code}' --config -
    if [ -n "$body" ]; then
        # Sent again, it is still one refund.
        set -- "$@" --header 'Content-Type: application/json' \
            --header "Idempotency-Key: $order" --data "$body"
    fi
    : >"$scratch/body"
    # 000: no answer at all.
    status=$(printf 'header = "x-api-key: %s"\n' "$key" |
        curl "$@" "${API_URL%/}$path") || true
}

answer() {
    head -c 500 "$scratch/body"
}

field() {
    sed -n "s/.*\"$1\" *: *\"\\([^\"]*\\)\".*/\\1/p" "$scratch/body"
}

# A key that was just made is unknown for a while (403), a function starts (5xx).
accept_refund() {
    order="SMOKE-$(date +%s)-$$"
    refund="{\"orderId\":\"$order\",\"amount\":9999999,\"reason\":\"smoke test\"}"
    left=$attempts
    while :; do
        call "$API_KEY" POST /refunds "$refund"
        [ "$status" = 202 ] && break
        left=$((left - 1))
        case $status in
        000 | 403 | 429 | 5??) ;;
        *) fail "POST /refunds answered $status, not 202: $(answer)" ;;
        esac
        [ "$left" -gt 0 ] || fail "POST /refunds answers $status, not 202: $(answer)"
        say "POST /refunds answered $status, trying again"
        sleep "$pause_s"
    done
    refund_id=$(field refundId)
    [ -n "$refund_id" ] || fail "POST /refunds: no refundId in $(answer)"
    say "POST /refunds: 202, $refund_id"
}

await_rejection() {
    deadline=$(($(date +%s) + decision_s))
    while :; do
        call "$API_KEY" GET "/refunds/$refund_id"
        decided=$(field status)
        case $status:$decided in
        200:REJECTED) break ;;
        200:PENDING | 000:* | 429:* | 5??:*) ;;
        *) fail "GET /refunds/$refund_id answered $status: $(answer)" ;;
        esac
        [ "$(date +%s)" -lt "$deadline" ] || failed=3 \
            fail "refund $refund_id is not decided after $decision_s s: $status $decided"
        sleep "$look_s"
    done
    say "GET /refunds/$refund_id: 200, REJECTED"
}

# expect STATUS WHAT: about the last call.
expect() {
    [ "$status" = "$1" ] || fail "$2 is answered $status, not $1: $(answer)"
    say "$2: $1"
}

say "$API_URL"
accept_refund
call wrong-key POST /refunds "$refund"
expect 403 'a wrong key'
call "$API_KEY" POST /refunds '{"orderId":"","amount":"ten"}'
expect 400 'a bad body'
await_rejection
echo "smoke: ok, $API_URL accepts and decides refunds"
