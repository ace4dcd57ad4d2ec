#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Seeded bugs: each makes one line of a copy of the tree wrong, and a named test must
# fail for it. A bug that no test catches fails the run, and so does one whose line is no
# longer there. Two at a time, each in a copy of its own.
set -euo pipefail

usage() {
	echo "Usage: tests/seeded/seeded_bugs.sh [--share N] [BUG...]"
	echo "Seed each bug (or those named) in a copy of the tree and see that its test fails."
	echo "  --list     print bugs and tests"
	echo "  --share N  try one of N bugs, others each day; that all of the lines are there is seen all the same"
}

# name ~ file ~ perl substitution over the whole file ~ test
bugs() {
	cat <<'END'
none~common/pool/writer/writer.c~s/$/\n/~process-pool
no-reference~capture/epoch.c~s/epoch->kept\[epoch->n_kept\+\+\] = reference;/av_buffer_unref(&reference);/~media.framemd5.gif
repeat-twice~capture/placer.c~s/if \(!placed->buffer->published\)/if (1)/~media.framemd5.vp9-repeats
take-idle-ignores-decoder~capture/epoch.c~s/\t\tif \(av_buffer_get_ref_count\(reference\) > 1\)\n\t\t\tcontinue;\n//~unit-capture-epoch
n-out-before-let-go~capture/epoch.c~s/(\tzoe_writer_let_go[^\n]*\n)(\tpthread_mutex_lock.*?unlock\(&epoch->lock\);\n)/$2$1/s~unit-capture-epoch
no-recycle-when-full~capture/epoch.c~s/while \(\(error == -EAGAIN \|\| error == -ENOSPC\) &&/while (error == -EAGAIN \&\&/~unit-capture-epoch
publish-ref-leak~capture/epoch.c~s/\t\tav_buffer_unref\(&reference\);\n\t\treturn error;/\t\treturn error;/~unit-capture-epoch
announce-before-forgets~capture/publisher.c~s/(\t\t\treturn error;\n)\t\tepoch->announced = true;\n/$1/~unit-capture-publisher
copy-not-unreffed~capture/placer.c~s/\tav_frame_unref\(placer->copy\);\n\}/\t(void)placer;\n}/~unit-capture-publisher
other-packets-leak~capture/input.c~s/(!zi_signals_stopped\(\)\)\n)\t\tav_packet_unref\(packet\);\n/$1\t\tcontinue;\n/~unit-capture-input
drop-keeps-published~capture/epoch.c~s/\twhile \(epoch->n_kept > 0\)\n\t\tav_buffer_unref[^\n]*\n//~unit-capture-epoch
advance-without-sweep~capture/epoch_list.c~s/(list->last = NULL;\n)\tepoch_list_sweep\(list\);\n/$1/~unit-capture-epoch_list
shown-size-stale~capture/placer.c~s/\tplaced->epoch->shown_width_px = [^\n]*\n//~unit-capture-publisher
key-beside-a-gap-heals~capture/damage.c~s/#define NEAR_PACKETS 2/#define NEAR_PACKETS 0/~unit-capture-damage
lag-without-end~capture/lag.c~s/is_stale \? half_ns : lag->max_ns/INT64_MAX/~unit-capture-lag
burst-costs-frames~capture/lag.c~s/\tif \(has_waited\(lag, packet\)\)\n/\tif (0)\n/~unit-capture-lag
drift-forgotten~capture/lag.c~s/packet->arrival_ns - lag->proven_ns > STALE_NS/0/~unit-capture-lag
skip-is-no-gap~capture/timeline.c~s/timeline->restarted \|\| timeline->skipped/timeline->restarted/~unit-capture-timeline
new-time-never~capture/timeline.c~s/\ttimeline->loop_offset = ticks_sub\(ours, pts\);\n//~unit-capture-timeline
good-for-nothing~capture/session.c~s/\tsession->n_tries = 0;\n/\tsession->random++;\n/~unit-capture-session
left-is-not-counted~capture/left_behind.c~s/\tn_left\+\+;\n//~unit-capture-left_behind
deadline-without-grace~capture/left_behind.c~s/ && now_ns - until_ns >= LEFT_BEHIND_GRACE_NS//~unit-capture-left_behind
other-codec-unseen~capture/input.c~s/input->is_other \|= video_stream/(void)video_stream/~unit-capture-input
any-video-follows~capture/video_stream.c~s/\t\t\(video->programme < 0 \|\| video->programme == programme \|\| programme_is_gone\(video\)\) &&\n/\t\t(programme_is_gone(video) || 1) \&\&\n/~unit-capture-input
one-set-is-enough~capture/codec_guess.c~s/ && has_vps\)/)/~unit-capture-codec_guess
joined-is-whole~capture/damage.c~s/\tif \(damage->is_joined\)\n\t\tjoin\(damage, packet\);\n/\t(void)join;\n/~unit-capture-damage
error-hides-a-gap~capture/damage.c~s/\tif \(!damage->by_packet\) \{\n/\tif (1) {\n/~unit-capture-damage
late-is-the-end~capture/input.c~s/if \(is_late\(input\)\)/if (0)/~unit-capture-input
left-over-is-back~capture/input.c~s/if \(is_late\(input\)\)/if (error < 0 \&\& is_late(input))/~unit-capture-input
played-is-far-away~capture/session.c~s/session->n_away == 1/0/~unit-capture-session
silence-is-no-loss~capture/session.c~s/\tsession->picture_ns = now_ns;\n\treturn/\treturn/~unit-capture-session
whole-before-the-gap~capture/damage.c~s/damage->by_packet && tag >= damage->from_tag/damage->by_packet/~unit-capture-damage
healed-from-before-the-gap~capture/damage.c~s/ && tag >= damage->healing_tag;/;/~unit-capture-damage
second-gap-healed-by-the-first~capture/damage.c~s/damage->has_healing = damage->is_anew = false;/damage->is_anew = false;/~unit-capture-damage
never-begins-anew~capture/damage.c~s/\t\tdamage->by_bits = true;\n//~unit-capture-damage
missing-not-counted~capture/ffmpeg_log.c~s/\t\t\{ FFMPEG_LOG_LACKS_PICTURE, "Frame num gap" \},\n//~unit-capture-ffmpeg_log
clock-of-the-next~capture/wall.c~s/\t\ttaken_ns = wall->next_ns;\n/\t\ttaken_ns = said_ns;\n/~unit-capture-wall
late-is-ahead~capture/timeline.c~s/ticks_sub\(gained, timeline->late_ticks\)/gained/~unit-capture-timeline
now-and-then-is-a-new-time~capture/timeline.c~s/\t\ttimeline->n_off = 0;\n//~unit-capture-timeline
any-time-after-a-skip~capture/timeline.c~s/timeline->skipped \? timeline->skipped_ticks : 0/timeline->skipped ? INT64_MAX : 0/~unit-capture-timeline
keys-for-ever~capture/lag.c~s/ && ticks_sub\(packet->time_ns, lag->key_ns\) \/ 2 <= lag->longest_ns;/;/~unit-capture-lag
short-waits-prove-nothing~capture/lag.c~s/ \|\|\s*\(packet->waited_ns > 0 && packet->waited_ns >= elapsed_ns \/ EXCUSED_TIMES\)/ || (elapsed_ns < 0)/~unit-capture-lag
served-is-a-file~capture/arrival.c~s/verdict != ARRIVAL_FILE \|\| arrival->total_ns >= arrival->stored_ns/verdict != ARRIVAL_FILE || 1/~unit-capture-arrival
gap-not-counted~capture/ffmpeg_log.c~s/\t\t\{ FFMPEG_LOG_GAP, "RTP: missed" \},\n//~unit-capture-ffmpeg_log
gap-not-marked~capture/input.c~s/if \(is_new \|\| input->has_gap\)/if (input->has_gap)/~unit-capture-input
gap-read-ahead-forgotten~capture/input.c~s/ \|\| \(is_new && input->n_packets == 0\)//~unit-capture-input
lost-stays~capture/read_watchdog.c~s/\t\twatchdog->lost = false;\n//~unit-capture-read_watchdog
password-in-the-log~capture/ffmpeg_log.c~s/\turl_hide_passwords\(safe, sizeof\(safe\), line\);\n\turl/\tsnprintf(safe, sizeof(safe), "%s", line);\n\turl/~unit-capture-ffmpeg_log
password-up-to-its-first-at~capture/url.c~s/return memrchr\(text, /return memchr(text, /~unit-capture-url
secret-in-a-query~capture/url.c~s/\thide_in_queries\(to, "&"\);\n//~unit-capture-url
camera-by-its-number~capture/device_id.c~s/return id->link\[0\] \? id->link : path;/return id->link[0] ? path : path;/~unit-capture-device_id
one-of-two-alike~capture/device_id.c~s/ && !\(links->has_twin && links->by_path\[0\]\)//~unit-capture-device_id
drop-prepared-keeps-last~capture/epoch_list.c~s/\tlist->last = named;\n//~unit-capture-epoch_list
mask-cleared-at-take~common/pool/state/grants.c~s/(zi_grants_mark_taken\(grants, zi_item_slot\(\*item\)\));/$1, zi_grants_revoke(grants, zi_item_slot(*item));/~process-pool
displaced-still-granted~common/pool/state/grants.c~s/while \(count >= depth\) \{\n\t\tzi_grants_revoke[^\n]*/while (count >= depth) {/~unit-grants
taken-not-returned~common/pool/state/grants.c~s/(void zi_grants_return[^}]*)\tzi_grants_revoke\(grants, slot\);/$1/~stress-mailbox
no-rescan~common/pool/writer/housekeeping.c~s/control->seated && control->owed && writer/0 && writer/~unit-housekeeping
owed-not-noted~common/pool/writer/delivery.c~s/atomic_store\(&control->seat->owed, owed\)/(void)0/~unit-housekeeping
reset-without-byte~common/pool/writer/housekeeping.c~s/zi_lock_held\(zi_writer_seats_fd\(writer\), i\) \|\| //~unit-housekeeping
claim-before-the-reset~common/pool/writer/housekeeping.c~s/state == ZI_SEAT_CLAIMED && control->answered/0/~unit-housekeeping
free-before-verdict~common/pool/writer/housekeeping.c~s/(\t\tatomic_store\(&seat->verdict, ZI_VERDICT_PENDING\);\n)/\t\tatomic_store(&seat->state, ZI_SEAT_FREE);\n$1/~unit-housekeeping
free-before-incarnation~common/pool/writer/housekeeping.c~s/(\t\tatomic_fetch_add\(&seat->incarnation, 1\);\n)(\t\tatomic_store\(&seat->state, ZI_SEAT_FREE\);\n)/$2$1/~unit-housekeeping
plain-lock~common/pool/mailbox/mutex.c~s/(static bool try_lock.*?)pthread_mutex_trylock/$1pthread_mutex_lock/s~unit-mailbox
dead-owner-not-repaired~common/pool/mailbox/mutex.c~s/\tzi_grants_rebuild\([^;]*;\n//~unit-mailbox
cond-not-made-anew~common/pool/mailbox/mutex.c~s/\tmemset\(box, 0, sizeof\(\*box\)\);\n//; s/int error = zi_cond_init\(&box->cond, pthread_body\(view\)\);/int error = 0;/~unit-mailbox
mapping-inherited~common/pool/system/object.c~s/madvise\(map, bytes, MADV_DONTFORK\) \|\| //~process-pool
descriptors-inherited~common/pool/system/descriptors.c~s/(entry->is_copy = true;\n)\t\tclose_fds\(entry\);/$1/~process-pool
no-admission~common/pool/writer/housekeeping.c~s/return needed > writer->slots.max \? ENOSPC : 0;/return 0;/~process-pool
sleeper-not-rung~common/pool/writer/delivery.c~s/\t\tzi_mailbox_ring\(&control->box\);\n//~unit-housekeeping
self-granted-counts~common/pool/writer/delivery.c~s/control->outstanding\.word\[i\] &= granted/control->outstanding.word[i] = granted/~unit-housekeeping
sequence-kept-at-begin~common/pool/writer/writer.c~s/\t\tatomic_store\(&writer->records\[i\]\.seq, 0\);\n//~process-observer
live-pool-taken-over~common/pool/writer/announce.c~s/if \(!zi_entry_stale\(fd, ZI_REEL\)\)/if (0)/~process-pool
lock-without-a-name~common/pool/registry/name_lock.c~s/named \? 0 : -ENOENT;/0;/~unit-name_lock
group-gives-twice~common/pool/writer/delivery.c~s/if \(group->given_seq == writer->slots.seq\)/if (0)/~unit-groups
group-owes-nobody~common/pool/writer/delivery.c~s/\tnote_group\(writer, group, true\);\n//~unit-groups
half-a-result~common/pool/observer/results.c~s/return number != 0 && number_of\(from\) == number;/return true;/~stress-results
spin-forgotten~common/pool/reader/reader.c~s/!reader->spins \|\| /1 || /~unit-spin
info-after-its-number~common/pool/writer/writer.c~s/(\trecord->info = \*info;\n[^\n]*\n)(\tatomic_store_explicit\(&record->seq[^\n]*\n)/$2$1/~fault-publish-order
latest-after-grants~common/pool/writer/writer.c~s/(\tatomic_store\(&writer->reel->latest[^\n]*\n)(.*?\tzi_deliver_to_all[^\n]*\n)/$2$1/s~fault-publish-order
refused-and-reserved~common/pool/writer/housekeeping.c~s/if \(refusal\) \{\n\t\tcontrol->reserved = 0;/if (refusal) {/~unit-housekeeping
bad-frame-stays-granted~common/pool/reader/reader.c~s/\t\tzi_grants_return\(attachment->box.grants, slot\);\n//~unit-housekeeping
byte-of-a-seat-passed-over~common/pool/reader/attachment.c~s/(return \(int\)i;\n)\t\tzi_lock_drop[^\n]*\n/$1/~unit-housekeeping
temporary-name-left~common/pool/writer/announce.c~s/\telse if \(writer->has_temp\[ZI_REEL\]\)\n[^\n]*\n//~unit-lossless
wants-space-for-ever~common/pool/writer/writer.c~s/\tatomic_store\(&writer->reel->wants_space, 0\);\n(\treturn error;)/$1/~unit-lossless
reel-goes-first~common/pool/writer/writer.c~s/(\t\tzi_object_unlink\(zi_writer_seats[^\n]*\n)(\t\tzi_object_unlink[^\n]*\n)/$2$1/~unit-pool
cleans-whatever-has-the-name~common/pool/registry/clean.c~s/(remove_name\(int fd.*?)\tif \(named <= 0\)\n[^\n]*\n/$1\t(void)named;\n/s~fault-clean-race
waits-for-latest-readers~common/pool/writer/lossless.c~s/return control->seated && control->policy.lossless;/return control->seated;/~unit-lossless
latest-reader-keeps-the-name~common/pool/writer/housekeeping.c~s/!zi_deliver_owes_lossless\(writer\)/!zi_deliver_owes(writer)/~unit-lossless
retired-while-it-owes~common/pool/writer/housekeeping.c~s/writer->replaced && !zi_deliver_owes_lossless\(writer\)/writer->replaced/~unit-lossless
looks-back-once~common/pool/writer/lossless.c~s/writer->predecessor && !look_back\(writer->predecessor, successor, wait\)/0/~unit-lossless
frame-after-the-name~common/pool/writer/writer.c~s/!error && writer->replaced/0/~stress-epochs
rebuilt-and-still-granted~common/pool/state/grants.c~s/(\t\t\treturn count;\n\t\t\}\n)\t\tzi_grants_revoke[^\n]*\n/$1/~unit-grants
seats-of-another-epoch~common/pool/view/view.c~s/if \(view->layout.epoch != view->reel->epoch\)/if (0)/~unit-housekeeping
followed-before-it-came~common/pool/writer/housekeeping.c~s/\t\tatomic_store\(&seat->followed, 0\);\n//~unit-housekeeping
asked-for-ever~common/pool/writer/housekeeping.c~s/\tatomic_store\(&control->seat->wants_board, 0\);\n\tzi_futex/\tzi_futex/~unit-housekeeping
end-that-owes-nothing~common/pool/writer/writer.c~s/return error \? (zi_fail\(ETIMEDOUT, "a reader of)/return 0 ? $1/~unit-lossless
successor-does-not-wait~common/pool/writer/lossless.c~s/!has_followed\(control, successor\)/0/~process-pool
returned-before-upload~display/viewer/viewer.c~s/(\tint error = window_upload\(v->window, pair->frame\);)/\tfeed_return(&v->feed, pair);\n$1/; s/\tfeed_return\(&v->feed, pair\);\n\tif \(error\)/\tif (error)/~program-strict
not-returned-when-unverified~display/viewer/feed.c~s/\t\tsource_return\(&feed->source, pair->frame\);\n(\t\treturn SOURCE_FAILED)/$1/~program-strict
asked-without-a-pause~display/viewer/source.c~s/\tif \(error == -ETIMEDOUT\)\n[^\n]*\n//~program-strict
silent-writer-is-fatal~display/viewer/source.c~s/\tcase -ETIMEDOUT:\n[^\n]*\n[^\n]*\n//~program-strict
texture-of-another-height~display/viewer/texture.c~s/upload_route_equal\(&t->route, route\) && (t->width_px == info->width_px) &&\n\t\tt->height_px == info->height_px/t->route.upload == route->upload && $1/~unit-viewer-texture
planes-not-counted~display/viewer/upload_route.c~s/info->n_planes < \(uint32_t\)n_planes \|\| //~unit-viewer-upload_route
palette-not-counted~display/viewer/upload_route.c~s/FLAG_PAL \? 2 :/FLAG_PAL ? 1 :/~unit-viewer-texture
route-of-old-colours~display/viewer/upload_route.c~s/ && a->full_range == b->full_range//~unit-viewer-upload_route
mirrored-after-the-turn~display/viewer/geometry.c~s/(\tif \(orientation.mirrored\)\n\t\tcoded.x = 1 - coded.x;\n)(\tswitch.*?\n\t\}\n)/$2\tif (orientation.mirrored)\n\t\tturned.x = 1 - turned.x;\n/s~unit-viewer-geometry
overlay-unturned~display/viewer/overlay.c~s/pen->area, pen->orientation,/pen->area, (struct orientation){ 0 },/~unit-viewer-overlay
saved-on-its-side~display/viewer/window.c~s/int width = on_its_side \? route->height_px : route->width_px/int width = route->width_px/~unit-viewer-window
matched-for-unmatched~display/viewer/statistics.c~s/"matched", \(json_int_t\)s->matched, "unmatched", \(json_int_t\)s->unmatched/"matched", (json_int_t)s->unmatched, "unmatched", (json_int_t)s->matched/~unit-viewer-statistics
key-frame-of-the-last-jump~capture/seek.c~s/\tseek->has_key = seek->is_whole = false;\n//~unit-capture-seek
leading-pictures-shown~capture/seek.c~s/pts < seek->key_pts \|\| //~unit-capture-seek
light-level-lost~capture/container.c~s/\tif \(!error\)\n\t\terror = copy_side_data\(&container->light_level.*?;\n//s~unit-capture-container
step-from-made-up-time~capture/timeline.c~s/timeline->has_own = known;/timeline->has_own = true;/~unit-capture-timeline
last-in-an-old-time-base~capture/timeline.c~s/\ttimeline->last_pts = ticks_rescale[^\n]*\n//~unit-capture-timeline
jump-cuts-a-picture-short~capture/pace.c~s/pace->end_ns > now_ns \? pace->end_ns : now_ns/now_ns/~unit-capture-pace
terminal-obeys~common/program/message.c~s/zi_text_shown\(shown, sizeof\(shown\), text\)/snprintf(shown, sizeof(shown), "%s", text)/~unit-program-message
half-an-escape~common/program/text.c~s/to \+ n_room > end/to + n_room > end + 1/~unit-program-text
lost-output-forgotten~common/program/output.c~s/return ferror\(stdout\) \? zi_output_fail\(-EIO\) : 0;/return 0;/~unit-program-output
own-abort-is-a-request~common/program/signals.c~s/info->si_code > 0 \|\| info->si_pid == getpid\(\)/info->si_code > 0/~unit-program-signals
failure-taken-for-the-end~common/include/zoetrope/pool.hpp~s/ && follow != ZOE_FOLLOW_NEVER;/;/~cpp-wrapper
stop-ends-the-loop~common/python/zoetrope/follow.py~s/WAYS\[self.way\] != "never"/False/~python.follow
rate-of-a-lost-source~display/top/snapshot.c~s/ \|\| pool->info.state == ZOE_STATE_STALLED//~unit-top-views
end-without-a-reason~common/pool/writer/housekeeping.c~s/\twriter->reel->end = writer->end;\n//~unit-end
always-ends-with-the-input~common/pool/view/follow.c~s/return ends && follow->which != ZOE_FOLLOW_ALWAYS/return ends/~unit-end
never-is-once~common/pool/view/follow.c~s/\tfollow->is_over = [^\n]*\n//~unit-end
source-half-said~common/pool/view/view.c~s/ && before % 2 == 0//~unit-end
source-of-the-list~display/top/snapshot.c~s/\t\tpool->info.source = &pool->source;\n//~unit-top-views
namesakes-by-rank~display/top/snapshot.c~s/\t\treader->nth = old->nth;\n//~unit-top-snapshot
death-of-who-left~display/top/text.c~s/\|\| !pool->stale/|| !pool/~unit-top-views
number-of-the-dead~display/top/snapshot.c~s/if \(!reader->info->alive\)/if (0)/~unit-top-snapshot
successor-gone-is-the-end~common/pool/view/follow.c~s/zi_view_fail_end\(follow->name, follow->gone,/zi_view_fail_end(follow->name, ZOE_END_INPUT,/~unit-follow
never-waits~common/pool/view/follow.c~s/ \|\| follow->which == ZOE_FOLLOW_NEVER \|\|/ ||/~unit-follow
away-from-the-first~capture/publisher.c~s/why \? epoch_list_announce_empty\(&publisher->epochs\) : 0/0/~unit-capture-publisher
END
}

root=$(cd "$(dirname "$0")/../.." && pwd)
case ${1:-} in
-h | --help) usage; exit 0 ;;
--list) bugs | cut -d '~' -f 1,4 | tr '~' '\t'; exit 0 ;;
esac
share=1
if [ "${1:-}" = --share ]; then
	share=${2:?}
	shift 2
fi
wanted=" $* "
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
# Most of what is waited for does not come.
export ZOE_TEST_PATIENCE_MS=3000
export ZOE_TEST_MEDIA=${ZOE_TEST_MEDIA:-$root/../shared/media}
# What was compiled in the one copy, or in an earlier run, is not compiled again.
export CCACHE_BASEDIR=$temp CCACHE_NOHASHDIR=1
launcher=$(command -v ccache || true)

# Quietly, in the folder of the build; what it said is shown when it should not have failed.
quietly() {
	"$@" >"$copy/log" 2>&1 || { tail -n 30 "$copy/log" >&2; return 1; }
}

# The targets that a test needs built.
targets() {
	case $1 in
	media.*) echo zoe-capture zoe-framemd5 ;;
	program-strict) echo zoe-capture zoe-display zoe-top zoe-motion zoe-brightness zoe-framemd5 poster strict ;;
	python.*) echo zoetrope zoe-capture zoe-top ;;
	process-* | fault-clean-race) echo "$1 actor" ;;
	fault-*) echo "${1#fault-}" ;;
	*) echo "$1" ;;
	esac
}

# What the test makes of the tree as it is now: caught, or not.
try() {
	local status=0
	# shellcheck disable=SC2046
	quietly ninja -C "$copy/build" -j "$jobs" $(targets "$test") || { echo "$name: does not compile"; return; }
	(cd "$copy/build" && ctest -R "^$test\$" --timeout 25 --output-on-failure) >"$copy/log" 2>&1 || status=$?
	if [ "$name" = none ]; then
		[ "$status" -eq 0 ] || { tail -n 30 "$copy/log" >&2; echo "$name: $test fails without any bug"; }
	elif [ "$status" -eq 0 ]; then
		echo "$name: NOT caught by $test"
	else
		echo "$name: caught by $test"
	fi
}

# Seeds bugs that nobody else has taken until there are no more.
work() {
	copy=$temp/$1
	local tree=$copy/tree name file change test
	mkdir -p "$tree"
	cp -r "$root"/{CMakeLists.txt,capture,common,display,samples,tests} "$tree"
	quietly cmake -G Ninja -S "$tree" -B "$copy/build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DZOE_MAN=OFF \
		-DCMAKE_C_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"
	while flock "$temp/turn" sed -i -e "1{w $copy/bug" -e 'd}' "$temp/bugs" && [ -s "$copy/bug" ]; do
		IFS='~' read -r name file change test <"$copy/bug"
		cp -p "$tree/$file" "$copy/right"
		perl -0pi -e "$change" "$tree/$file"
		try
		cp "$copy/right" "$tree/$file"
	done
	echo "worker $1: done"
}

bugs | while IFS= read -r bug; do
	[ "$wanted" = "  " ] || [[ $wanted == *" ${bug%%~*} "* ]] || continue
	printf '%s\n' "$bug"
done >"$temp/all"
awk -v share="$share" -v day=$(($(date +%s) / 86400)) '/^none~/ || (NR + day) % share == 0' "$temp/all" >"$temp/bugs"
bugs=$(grep -vc '^none~' "$temp/bugs" || true)
jobs=$((($(nproc) + 1) / 2))
{
	work 1 &
	work 2 &
	wait
} | tee "$temp/results" | { grep --line-buffered -v "^worker " || true; }
# What the wrong ones left behind, of names that only these tests have.
find /dev/shm -maxdepth 1 \( -name 'zoe.test-*' -o -name 'zoe.house-*' -o -name 'zoe.groups-*' -o -name 'zoe.lossless-*' -o -name 'zoe.stress-*' -o -name 'zoe.md5*' \) -newer "$temp/bugs" -delete 2>/dev/null || true
caught=$(grep -c ': caught by ' "$temp/results" || true)
moved=0
while IFS='~' read -r name file change _; do
	perl -0pe "$change" "$root/$file" | cmp -s - "$root/$file" || continue
	echo "$name: the line to make wrong is no longer in $file"
	moved=$((moved + 1))
done < <(grep -v '^none~' "$temp/all")
echo "seeded=$bugs caught=$caught in $SECONDS s"
[ "$bugs" -eq "$caught" ] && [ "$(grep -vc ': caught by ' "$temp/results")" -eq 2 ] && [ "$moved" -eq 0 ]
