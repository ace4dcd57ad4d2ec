#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-top of a user who may only look: the pool is all there, its readers are not known, and that is no error.
. "$(dirname "$0")/common.sh"

[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
command -v setpriv >/dev/null || skip "setpriv is not installed"
# shellcheck disable=SC2317
as() { setpriv --reuid 65534 --regid "$1" --clear-groups "${@:2}"; }
group=$(getent group daemon | cut -d: -f3)
[ -n "$group" ] || skip "there is no group called daemon"
as "$group" "$(command -v zoe-top)" --version >/dev/null 2>&1 || skip "another user cannot reach the programs here"

zoe-capture --quiet --observers daemon -n "$pool" test:320x240@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
poster "$pool" &
until_true served 1

as "$group" zoe-top "$pool" >"$temp/list" 2>"$temp/err" || fail "exit $?: $(cat "$temp/err")"
grep -Eq "^$pool +live +yuv420p +320x240 .* -/[0-9]+/[0-9]+ .* mutex\+futex +- +$capture " "$temp/list" || fail "list: $(cat "$temp/list")"
[ "$(wc -l <"$temp/list")" -eq 2 ] || fail "readers in the list: $(cat "$temp/list")"
as "$group" zoe-top --batch --json -d 0.2 -n 2 "$pool" >"$temp/json" || fail "JSON: exit $?"
member "$temp/json" '.readers == null and .held_slots == null and .fps > 0 and .interval_s > 0' | grep -q true || fail "JSON: $(cat "$temp/json")"
as "$group" zoe-top --prometheus - "$pool" >"$temp/prom" || fail "Prometheus: exit $?"
grep -q "^zoetrope_pool_slots{pool=\"$pool\"} [1-9]" "$temp/prom" || fail "no slots: $(cat "$temp/prom")"
! grep -Eq '^zoetrope_(pool_readers|pool_slots_held|reader_.*){' "$temp/prom" || fail "readers: $(cat "$temp/prom")"

# Who may not even look learns that it is there.
as 65534 zoe-top "$pool" >"$temp/list" || fail "a stranger: exit $?"
grep -Eq "^$pool +unknown +- " "$temp/list" || fail "a stranger: $(cat "$temp/list")"

kill "$capture"
wait "$capture" || fail "capture failed: $?"
finish
