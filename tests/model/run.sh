#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Checks the models with Spin, and that Spin finds each of their seeded bugs.
#
#   run.sh             what fits into two minutes and a half; ctest calls this
#   run.sh --full      larger ones, too: 17 minutes, up to 12 GB
#   run.sh --jobs N    N at a time (2)
#   run.sh --only WORD those whose line of the table has this word
#
# One line for each: what was checked, the states stored, the errors, and how. "exhaustive"
# is every state of that size of the model; "in part" is a bitstate search that was ended
# after 20 seconds, so that it proves nothing about the states that it did not reach.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jobs=2 full=no only=

while [ $# -gt 0 ]; do
	case $1 in
	--full) full=yes ;;
	--jobs) jobs=${2:?} && shift ;;
	--only) only=${2:?} && shift ;;
	*) printf 'usage: run.sh [--full] [--jobs N] [--only WORD]\n' >&2 && exit 2 ;;
	esac
	shift
done

if ! command -v spin >/dev/null; then
	printf 'SKIPPED: spin is not installed\n'
	exit 77
fi

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' INT TERM

# how | model | switches | what. how: all, bug (must be found); with --full only: big (all), part
table() {
	cat <<-'END'
	all|pool|-DHOLD=2|a reader killed, holds two
	all|pool|-DWRITER_DIES=1 -DTIMEOUTS=0|a reader and the writer killed
	big|pool|-DNREAD=2 -DFRAMES=2 -DTIMEOUTS=0|two readers of one seat, one killed
	all|pool|-DNREAD=2 -DFRAMES=2 -DTIMEOUTS=0 -DKILLS=0 -DSTOPS=1|two readers of one seat, one stopped
	all|pool|-DHOLD=2 -DPOLLS|a reader that polls, killed
	all|pool|-DWRITER_STOPS=1 -DKILLS=0|the writer stopped
	all|pool|-DATOMIC -DHOLD=2|atomic mailbox: a reader killed, holds two
	all|pool|-DATOMIC -DDEPTH=2|atomic mailbox of two cells: a reader killed
	all|pool|-DATOMIC -DWRITER_DIES=1 -DTIMEOUTS=0|atomic mailbox: a reader and the writer killed
	all|pool|-DATOMIC -DNREAD=2 -DFRAMES=2 -DTIMEOUTS=0 -DKILLS=0 -DSTOPS=1|atomic mailbox: two readers of one seat, one stopped
	all|pool|-DATOMIC -DWRITER_STOPS=1 -DKILLS=0|atomic mailbox: the writer stopped
	part|pool|-DNSEAT=2 -DNREAD=2 -DSTOPS=1|two seats, a reader killed, one stopped
	big|names|-DWRITERS=3 -DKILLS=1 -DCHANGES=0|three captures, one killed
	all|names|-DWRITERS=2 -DKILLS=2 -DCHANGES=2|two captures that change their format, killed
	all|names|-DWRITERS=2 -DKILLS=1 -DCHANGES=0 -DCLEANERS=1|two captures and a cleaner, one killed
	bug|pool|-DBUG_GRANT_AFTER_UNLOCK|the grant is set after the mailbox is unlocked
	bug|pool|-DBUG_NO_SECOND_TRY|no second try after owed is noted
	bug|pool|-DBUG_NO_SECOND_TRY -DPOLLS|nor with a reader that polls
	bug|pool|-DBUG_NOTE_AFTER_TRIES|owed is noted after both tries
	bug|pool|-DBUG_RINGS_ONE -DNSEAT=2 -DNREAD=2 -DKILLS=0 -DTIMEOUTS=0 -DFRAMES=2|of two sleepers only one is rung
	bug|pool|-DBUG_NO_RESCAN|a reader does not look at owed
	bug|pool|-DBUG_SLEEPS_UNTOLD|nor before it goes to sleep
	bug|pool|-DBUG_SLEEPER_ASKED_EARLY|the sleeper is asked for before the lock
	bug|pool|-DBUG_STALE_LATEST|the latest is granted from a stale copy
	bug|pool|-DBUG_RETURN_BEFORE_LOOK -DFRAMES=5 -DKILLS=0|the mask is cleared before the looking ends
	bug|pool|-DBUG_PLAIN_LOCK -DSTOPS=1|the writer waits for a mailbox
	bug|pool|-DBUG_NO_REPAIR -DWRITER_DIES=1|the mutex of the dead is taken as it is
	bug|pool|-DBUG_RESET_BLIND|a seat is reset without its byte
	bug|pool|-DBUG_FREE_FIRST -DNREAD=2|FREE comes first, without the byte
	bug|pool|-DBUG_CLAIMED_UNCHECKED -DNREAD=2|a seat is claimed without a look whether it is FREE
	bug|pool|-DATOMIC -DBUG_GRANT_AFTER_EXCHANGE -DFRAMES=5|atomic: the grant comes after the exchange
	bug|pool|-DATOMIC -DBUG_SLEEPER_ASKED_EARLY|atomic: the sleeper is asked for before the exchange
	bug|pool|-DATOMIC -DBUG_NO_LAST_LOOK|atomic: no look between the note and the sleep
	bug|pool|-DATOMIC -DDEPTH=2 -DBUG_LOOKS_ONCE|atomic: the cells are looked at once
	bug|names|-DWRITERS=3 -DBUG_NOT_LOCKED|a stale pool is replaced without the lock of its name
	bug|names|-DWRITERS=3 -DBUG_NAME_NOT_CHECKED|the name is not looked at again under the lock
	bug|names|-DWRITERS=2 -DBUG_EPOCH_UNCHECKED|reel and seats are not compared
	bug|names|-DWRITERS=2 -DBUG_REEL_UNLINKED_FIRST|a writer removes its reel before its seats
	bug|names|-DWRITERS=2 -DKILLS=1 -DCLEANERS=1 -DBUG_CLEANED_REEL_FIRST|a cleaner removes the reel before the seats
	big|pool|-DHOLD=2 -DWRITER_DIES=1|a reader and the writer killed, holds two
	big|pool|-DWRITER_STOPS=1|a reader killed, the writer stopped
	big|pool|-DATOMIC -DWRITER_STOPS=1|atomic mailbox: a reader killed, the writer stopped
	big|pool|-DFRAMES=4 -DKILLS=2|a reader killed twice
	big|pool|-DNREAD=2 -DSTOPS=1 -DFRAMES=2|two readers of one seat, one killed, one stopped
	big|pool|-DNSEAT=2 -DNREAD=2 -DKILLS=0 -DFRAMES=2 -DTIMEOUTS=0|two seats
	big|pool|-DATOMIC -DHOLD=2 -DWRITER_DIES=1|atomic mailbox: a reader and the writer killed, holds two
	big|pool|-DATOMIC -DNREAD=2 -DFRAMES=2|atomic mailbox: two readers of one seat, one killed
	big|names|-DWRITERS=2 -DKILLS=2 -DCHANGES=1 -DCLEANERS=1|two captures and a cleaner, killed
	END
}

complain() {
	printf 'FAIL: %s: %s\n' "$1" "$2"
	touch "$temp/failed"
}

# check NUMBER HOW MODEL SWITCHES WHAT
check() {
	local how=$2 switches=$4 what=$5 dir=$temp/$1 manner=exhaustive memory=2000 level=-O2 reduce=-DCOLLAPSE states errors
	[ "$how" = bug ] && level=-O0
	[ "$how" = big ] && memory=12000
	[ "$how" = part ] && manner='in part' reduce=-DBITSTATE
	mkdir "$dir" && cd "$dir" || return
	# shellcheck disable=SC2086
	if ! spin -a $switches "$here/$3.pml" >log 2>&1 ||
		! "${CC:-cc}" $level -w -DSAFETY -DNOFAIR $reduce -DMEMLIM=$memory -o pan pan.c >>log 2>&1; then
		complain "$what" "$(head -c 600 log)"
		return
	fi
	if [ "$how" = part ]; then
		timeout --signal INT 20 ./pan -m100000 -w28 >out 2>&1
	else
		timeout 3000 ./pan -m100000 >out 2>&1
	fi
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out | head -n 1)
	errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out)
	[ "$how" = bug ] && manner=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' out)
	printf '%-5s %-52s states=%s errors=%s %s\n' "$3" "$what" "${states:-?}" "${errors:-?}" "$manner"
	if [ "$how" = bug ]; then
		[ "${errors:-0}" -gt 0 ] || complain "$what" "a seeded bug was not found ($switches)"
	elif [ "${errors:-1}" -gt 0 ]; then
		complain "$what" "$(grep '^pan:' out | head -n 1) (spin -t $switches $3.pml)"
	elif [ "$how" != part ] && grep -Eq 'not completed|out of memory|too small' out; then
		complain "$what" "the search did not come to its end: $(grep -E 'out of memory|too small' out | head -n 1)"
	fi
	rm -rf "$dir"
}

table >"$temp/table"
n=0
while IFS='|' read -r how model switches what; do
	[[ $how = big || $how = part ]] && [ $full = no ] && continue
	[[ "$model $switches $what" == *"$only"* ]] || continue
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	n=$((n + 1))
	check $n "$how" "$model" "$switches" "$what" &
done <"$temp/table"
wait

if [ $n -eq 0 ] || [ -e "$temp/failed" ]; then
	exit 1
fi
printf 'models and seeded bugs checked: %d, as they should be\n' $n
