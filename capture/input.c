/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and reading of inputs, and clear words for what can be wrong with them. */
#include "input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavdevice/avdevice.h>
#include <libavutil/avstring.h>

#include "arrival.h"
#include "ffmpeg_log.h"
#include "left_behind.h"
#include "open_error.h"
#include "program/message.h"
#include "program/signals.h"
#include "report.h"
#include "stream_choice.h"
#include "ticks.h"
#include "url.h"

/* A live source is looked at for this long, instead of the 5 s that a file gets (-analyzeduration). */
#define LIVE_ANALYSIS_US 1000000

/* What stands before the data of an AVI's chunk. */
#define CHUNK_HEAD_BYTES 8

static bool is_late(const struct input *input)
{
	return input->connection->was_late || zoe_now_ns() >= input->connection->deadline_ns;
}

enum source_outcome input_fail(struct input *input, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(input->why, sizeof(input->why), format, arguments);
	va_end(arguments);
	input->hint = NULL;
	input->may_pass = input->is_mistake = false;
	return SOURCE_FAILED;
}

static enum source_outcome open_failed(struct input *input, int error)
{
	const struct settings *settings = input->settings;
	char detail[256];

	if (zi_signals_stopped())
		return SOURCE_END;
	if (input->connection && is_late(input))
		error = AVERROR(ETIMEDOUT);
	ffmpeg_log_take_error(detail, sizeof(detail));
	if (open_error_hides_detail(settings->input))
		detail[0] = '\0';
	const char *words = open_error_words(settings->input, error);
	char errors[AV_ERROR_MAX_STRING_SIZE];
	if (!words)
		words = av_make_error_string(errors, sizeof(errors), error);
	/* FFmpeg's sentence may end with it already. */
	if (strstr(detail, words))
		input_fail(input, "input (%s): %s", settings->shown_input, detail);
	else
		input_fail(input, "input (%s): %s%s%s%s", settings->shown_input, words, detail[0] ? " (" : "", detail,
			detail[0] ? ")" : "");
	input->hint = open_error_hint(settings->input, error);
	input->may_pass = open_error_may_pass(settings->input, error);
	input->is_mistake = open_error_is_mistake(settings->input, error);
	return SOURCE_FAILED;
}

static bool is_device(const AVInputFormat *format)
{
	return format && format->priv_class && AV_IS_INPUT_DEVICE(format->priv_class->category);
}

bool input_comes_back(const struct input *input)
{
	const struct settings *settings = input->settings;

	if (settings->reconnect != RECONNECT_AUTO)
		return settings->reconnect == RECONNECT_ALWAYS;
	return input->live && (input->is_device || url_is_live(settings->input) || url_is_web(settings->input));
}

bool input_is_local(const struct input *input)
{
	const char *url = input->settings->input;

	return url_listens(url, input->settings->options) || !(url_is_live(url) || url_is_web(url));
}

/* The next call may take so long. */
static void set_deadline(struct input *input, int64_t timeout_ns)
{
	input->connection->n_old = ffmpeg_log_count(FFMPEG_LOG_OLD_PACKET);
	input->connection->deadline_ns = timeout_ns < INT64_MAX ? zoe_now_ns() + timeout_ns : INT64_MAX;
}

/* How long opening it may take, where somebody is asked who may not answer. */
static int64_t connect_timeout_ns(const struct input *input)
{
	return input_is_local(input) ? INT64_MAX : input->settings->connect_timeout_ns;
}

static enum source_outcome find_format(struct input *input, const AVInputFormat **format)
{
	const char *name = input->settings->format;

	/* What was a camera is one, too, while it is away. */
	if (!name && (input->device->is_camera || device_id_is_camera(input->settings->input)))
		name = "v4l2";
	*format = name ? av_find_input_format(name) : NULL;
	if (!name || *format)
		return SOURCE_OK;
	input_fail(input,
		"format (%s): no such demuxer or device; "
		"`ffmpeg -demuxers` and `ffmpeg -devices` list them",
		name);
	input->is_mistake = true;
	return SOURCE_FAILED;
}

/*
 * What FFmpeg is to open. A colon is part of the name where a file of that name is there and no protocol
 * (2026-01-01T10:00:00.mp4). NULL: no memory.
 */
static char *url_of(const char *name, const AVInputFormat *format)
{
	bool has_file = !(format && (format->flags & AVFMT_NOFILE));

	if (strcmp(name, "-") == 0)
		return av_strdup("pipe:0");
	if (has_file && strchr(name, ':') && !avio_find_protocol_name(name) && access(name, F_OK) == 0)
		return av_asprintf("file:%s", name);
	return av_strdup(name);
}

/* Gaps in the sound would be taken for those of the pictures. 0 or a negative AVERROR. */
static int leave_sound_out(AVDictionary **options)
{
	return av_dict_set(options, "allowed_media_types", "video", AV_DICT_DONT_OVERWRITE);
}

/* What RTSP is told that the user's options do not say. 0 or a negative AVERROR. */
static int prepare_rtsp(const char *url, AVDictionary **options)
{
	/* UDP, which FFmpeg tries first, loses packets, and is what firewalls drop. */
	int error = av_dict_set(options, "rtsp_transport", "tcp", AV_DICT_DONT_OVERWRITE);

	/* Who sends without being asked sends all that he has announced, or nothing. */
	if (error >= 0 && !url_listens(url, *options))
		error = leave_sound_out(options);
	/* A sender that cannot keep up leaves packets out over TCP, too: without a queue nobody looks at their numbers. */
	if (error < 0)
		return error;
	const char *transport = av_dict_get(*options, "rtsp_transport", NULL, 0)->value;
	/* Where it may be either, packets of UDP change places by no more than this. */
	if (strstr(transport, "tcp") || strstr(transport, "http"))
		error = av_dict_set(options, "reorder_queue_size", strstr(transport, "udp") ? "16" : "2",
			AV_DICT_DONT_OVERWRITE);
	return error;
}

/* What libavformat is told before it opens the input. 0 or a negative AVERROR. */
static int prepare(struct input *input)
{
	struct connection *connection = input->connection;
	const AVInputFormat *format = connection->demuxer;

	input->is_device = is_device(format) && strcmp(format->name, "lavfi") != 0;
	/* lavfi draws as fast as it is asked: it needs a clock as files do, and has no delay to avoid. */
	input->live = url_is_live(connection->url) || input->is_device;
	connection->may_hang = input->is_device || !input_is_local(input);
	/*
	 * What is read while the stream is looked at is decoded afterwards in one go and costs no
	 * delay; AVFMT_FLAG_NOBUFFER would throw it away, and with it the first key frame.
	 */
	if (input->live)
		connection->format->max_analyze_duration = LIVE_ANALYSIS_US;
	int error = av_dict_copy(&connection->options, input->settings->options, 0);
	if (error >= 0 && (av_strstart(connection->url, "rtsp:", NULL) || av_strstart(connection->url, "rtsps:", NULL)))
		error = prepare_rtsp(connection->url, &connection->options);
	/* A session description names senders, whom libavformat does not let a file name. */
	else if (error >= 0 && url_is_description(connection->url)) {
		error = av_dict_set(&connection->options, "protocol_whitelist", "file,crypto,data,rtp,udp",
			AV_DICT_DONT_OVERWRITE);
		if (error >= 0)
			error = leave_sound_out(&connection->options);
	}
	return error;
}

/* The connection was left behind, or never begun, for those that were. */
static enum source_outcome hangs(struct input *input, int error)
{
	if (error == -EINPROGRESS)
		input->report->counters.left_behind++;
	if (zi_signals_stopped())
		return SOURCE_END;
	if (error == -EINPROGRESS)
		input_fail(input, "input (%s): opening it does not end; no name server may answer",
			input->settings->shown_input);
	else if (error == -EBUSY)
		input_fail(input, "input (%s): opening it has not ended %d times before; it waits for these",
			input->settings->shown_input, LEFT_BEHIND_MAX);
	else
		input_fail(input, "input (%s): no thread to open it: %s", input->settings->shown_input,
			strerror(-error));
	input->may_pass = true;
	return SOURCE_FAILED;
}

/* A camera has just been opened: where it is. */
static void note_device(struct input *input)
{
	const char *name = input->settings->input;
	struct device_id *device = input->device;

	if (device_id_remember(device, DEVICE_LINKS, name))
		zi_message("input (%s): is %s now (%s)", name, device->node, device_id_path(device, name));
}

static enum source_outcome open_format(struct input *input)
{
	const AVInputFormat *format;
	enum source_outcome outcome = find_format(input, &format);

	if (outcome != SOURCE_OK)
		return outcome;
	const char *path = device_id_path(input->device, input->settings->input);
	input->connection = connection_create(url_of(path, format), format);
	int error = input->connection ? prepare(input) : AVERROR(ENOMEM);
	if (error < 0)
		return open_failed(input, error);
	set_deadline(input, connect_timeout_ns(input));
	error = connection_open(&input->connection);
	if (error < 0)
		return hangs(input, error);
	input->format = input->connection->format;
	if (input->connection->error < 0)
		return open_failed(input, input->connection->error);
	if (av_match_name("v4l2", input->format->iformat->name))
		note_device(input);
	return SOURCE_OK;
}

/* Nothing that can be shown: why not. */
static enum source_outcome no_stream(struct input *input, int error)
{
	const struct settings *settings = input->settings;
	char videos[320];

	stream_choice_list(input->format, videos, sizeof(videos));
	if (error == AVERROR(EINVAL)) {
		zi_option_usage_error(&capture_command,
			"--stream (%s): expected a number, p:PROGRAMME, a language such as eng, or a stream "
			"specifier of ffmpeg's",
			settings->stream);
		return SOURCE_USAGE;
	}
	if (error == AVERROR_DECODER_NOT_FOUND)
		return input_fail(input,
			"input (%s): this FFmpeg has no decoder for its video; `ffprobe` says what it is",
			settings->shown_input);
	if (settings->stream) {
		input_fail(input, "--stream (%s): no such video in it; there are: %s", settings->stream, videos);
		input->is_mistake = true;
		return SOURCE_FAILED;
	}
	return input_fail(input, "input (%s): no video in it (%s); give one with pictures", settings->shown_input,
		input->format->iformat->name);
}

static enum source_outcome choose_stream(struct input *input)
{
	int chosen = stream_choice(input->format, input->settings->stream);

	if (zi_signals_stopped())
		return SOURCE_END;
	if (chosen < 0)
		return no_stream(input, chosen);
	video_stream_begin(&input->video, input->format, chosen, input->settings->stream != NULL);
	const AVStream *stream = input->video.stream;
	input->has_timestamps = stream->start_time != AV_NOPTS_VALUE &&
		!(input->format->iformat->flags & AVFMT_NOTIMESTAMPS);
	return SOURCE_OK;
}

static enum source_outcome find_stream(struct input *input)
{
	const char *name = input->settings->shown_input;

	if (connection_is_text(input->connection))
		return input_fail(input, "input (%s): a text file; `-f tty` shows it all the same", name);
	return choose_stream(input);
}

static void forget_packets(struct input *input)
{
	input->n_packets = 0;
	input->first_pts = input->end_pts = input->last_dts = AV_NOPTS_VALUE;
	input->longest_step = 0;
	input->last_corrupt = false;
	input->read_error = 0;
	input->at_end_of_data = false;
}

static void note_packet(struct input *input, const AVPacket *packet)
{
	int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

	input->n_packets++;
	input->last_corrupt = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
	/* AV_NOPTS_VALUE is the least of all. */
	if (pts != AV_NOPTS_VALUE && ticks_add(pts, packet->duration) > input->end_pts)
		input->end_pts = ticks_add(pts, packet->duration);
	if (pts != AV_NOPTS_VALUE && (input->first_pts == AV_NOPTS_VALUE || pts < input->first_pts))
		input->first_pts = pts;
	int64_t dts = packet->dts != AV_NOPTS_VALUE ? packet->dts : pts;
	if (dts != AV_NOPTS_VALUE && input->last_dts != AV_NOPTS_VALUE)
		input->longest_step = FFMAX(input->longest_step, ticks_sub(dts, input->last_dts));
	if (dts != AV_NOPTS_VALUE)
		input->last_dts = dts;
}

/*
 * How long it may take until something comes from whom it came before: what listens waits for its sender as long as
 * that takes, and no longer than others for one that has fallen silent. INT64_MAX: for ever.
 */
static int64_t read_timeout_ns(const struct input *input)
{
	const char *url = input->settings->input;
	bool may_hang = (input->live || input->ahead) && (url_is_live(url) || url_is_web(url));

	return may_hang ? input->settings->read_timeout_ns : INT64_MAX;
}

/* A packet of any stream, within the deadline. */
static int read_any(struct input *input, AVPacket *packet)
{
	int error;

	while ((error = av_read_frame(input->format, packet)) == AVERROR(EAGAIN))
		if (zi_signals_wait_until(zoe_now_ns() + 1000000))
			break;
	/* Interrupted, some demuxers call it the end, and some give what a parser has had since long ago. */
	if (is_late(input)) {
		av_packet_unref(packet);
		error = input->connection->is_renumbered ? AVERROR_INPUT_CHANGED : AVERROR(ETIMEDOUT);
	}
	return error;
}

/* The next packet of the stream from libavformat; as input_read(). */
static int read_packet(struct input *input, AVPacket *packet)
{
	int error;

	/* Of this stream: that a camera's sound goes on does not help. */
	read_watchdog_begin(input->watchdog);
	set_deadline(input, read_timeout_ns(input));
	while ((error = read_any(input, packet)) >= 0 && !video_stream_takes(&input->video, packet) &&
		!zi_signals_stopped())
		av_packet_unref(packet);
	read_watchdog_end(input->watchdog, error >= 0);
	if (zi_signals_stopped() || error == AVERROR_EOF) {
		av_packet_unref(packet);
		return AVERROR_EOF;
	}
	if (error < 0) {
		input->read_error = error;
		input->at_end_of_data = input->format->pb && avio_feof(input->format->pb);
		return AVERROR_EOF;
	}
	return 0;
}

/* What this thread has done: how often it slept, and for how long it ran. */
static void look_at_thread(long *n_sleeps, int64_t *ran_ns)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	*n_sleeps = usage.ru_nvcsw;
	*ran_ns = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000) +
		(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
}

/* read_packet(), and for how long it slept: without that a busy processor would look like a source that is waited for. */
static int read_live(struct input *input, AVPacket *packet)
{
	int64_t begun_ns = zoe_now_ns(), ran_before_ns, ran_ns;
	long n_before, n_sleeps;

	look_at_thread(&n_before, &ran_before_ns);
	int error = read_packet(input, packet);
	look_at_thread(&n_sleeps, &ran_ns);
	if (n_sleeps > n_before)
		input->waited_ns = zoe_now_ns() - begun_ns - (ran_ns - ran_before_ns);
	return error;
}

/*
 * RTP's packets are numbered, but those of libavformat have no mark of a gap before them. Where in what was read ahead
 * it is, is not known; the first packet that was waited for is behind that.
 */
static void mark_gap(struct input *input, AVPacket *packet)
{
	uint64_t n_gaps = ffmpeg_log_count(FFMPEG_LOG_GAP);
	bool is_new = n_gaps != input->n_gaps;

	if (is_new || input->has_gap)
		packet->flags |= AV_PKT_FLAG_CORRUPT;
	input->has_gap = (input->has_gap || (is_new && input->n_packets == 0)) && input->waited_ns == 0;
	input->n_gaps = n_gaps;
}

int input_read(struct input *input, AVPacket *packet)
{
	AVPacket *ahead;

	input->waited_ns = 0;

	if (input->ahead && av_fifo_read(input->ahead, &ahead, 1) >= 0) {
		av_packet_move_ref(packet, ahead);
		av_packet_free(&ahead);
	} else if ((input->live ? read_live(input, packet) : read_packet(input, packet)) < 0) {
		return AVERROR_EOF;
	}
	mark_gap(input, packet);
	input->is_other |= video_stream_follow(&input->video, packet);
	/* What is not live cannot be opened in the middle to mend that. */
	if (input->live && video_stream_is_mistaken(&input->video, packet)) {
		av_packet_unref(packet);
		input->read_error = AVERROR_INPUT_CHANGED;
		return AVERROR_EOF;
	}
	note_packet(input, packet);
	return 0;
}

/* Read one packet ahead, for input_read() to give. */
static int read_ahead(struct input *input, const AVPacket **out)
{
	AVPacket *packet = av_packet_alloc();

	if (!packet || read_packet(input, packet) < 0 || av_fifo_write(input->ahead, &packet, 1) < 0) {
		av_packet_free(&packet);
		return AVERROR_EOF;
	}
	*out = packet;
	return 0;
}

/* Whether packets of what cannot be sought come at their own pace; it takes up to a second of them to tell. */
static bool comes_live(struct input *input)
{
	AVIOContext *io = input->format->pb;
	AVRational rate = av_guess_frame_rate(input->format, input->video.stream, NULL);
	AVRational usual = rate.num > 0 && rate.den > 0 ? av_inv_q(rate) : (AVRational){ 1, 25 };
	enum arrival_verdict verdict = ARRIVAL_OPEN;
	struct arrival arrival;
	const AVPacket *packet;

	arrival_init(&arrival, avio_tell(io), input->has_timestamps, url_is_web(input->settings->input));
	while (verdict == ARRIVAL_OPEN) {
		int64_t begun_ns = zoe_now_ns();
		if (read_ahead(input, &packet) < 0)
			return false;
		int64_t media_ns = packet->duration > 0
			? ticks_rescale(packet->duration, input->video.stream->time_base, ticks_ns)
			: ticks_rescale(1, usual, ticks_ns);
		verdict = arrival_note(&arrival, begun_ns, zoe_now_ns(), avio_tell(io), media_ns, (size_t)packet->size);
	}
	return verdict == ARRIVAL_LIVE;
}

static enum source_outcome look_at_arrival(struct input *input)
{
	const AVFormatContext *format = input->format;
	/* These only begin with what is opened, and read from elsewhere. */
	bool is_told = input->live || input->settings->fast || !format->pb ||
		av_match_name(format->iformat->name, "hls,dash,sdp") || (format->pb->seekable & AVIO_SEEKABLE_NORMAL) ||
		format->duration > 0;

	if (is_told)
		return SOURCE_OK;
	input->ahead = av_fifo_alloc2(64, sizeof(AVPacket *), AV_FIFO_FLAG_AUTO_GROW);
	if (!input->ahead)
		return open_failed(input, AVERROR(ENOMEM));
	input->live = comes_live(input);
	return SOURCE_OK;
}

static void drop_ahead(struct input *input)
{
	AVPacket *packet;

	while (input->ahead && av_fifo_read(input->ahead, &packet, 1) >= 0)
		av_packet_free(&packet);
	av_fifo_freep2(&input->ahead);
}

enum source_outcome input_open(struct input *input, const struct settings *settings, struct report *report,
	struct read_watchdog *watchdog, struct device_id *device)
{
	char ignored[2];

	*input = (struct input){ .settings = settings, .report = report, .watchdog = watchdog, .device = device };
	input->n_gaps = ffmpeg_log_count(FFMPEG_LOG_GAP);
	forget_packets(input);
	avdevice_register_all();
	avformat_network_init();
	ffmpeg_log_take_error(ignored, sizeof(ignored));
	read_watchdog_begin(watchdog);
	enum source_outcome outcome = open_format(input);
	if (outcome == SOURCE_OK)
		outcome = find_stream(input);
	read_watchdog_end(watchdog, false);
	if (outcome == SOURCE_OK)
		outcome = look_at_arrival(input);
	if (outcome != SOURCE_OK)
		input_close(input);
	return outcome;
}

const char *input_broke_off(const struct input *input, char *words, size_t n_bytes)
{
	/* Demuxers have these for the end of what they read, too. */
	bool is_end = input->read_error == AVERROR(EIO) ||
		(input->read_error == AVERROR_INVALIDDATA && input->at_end_of_data);

	if (input->read_error == 0)
		return "it ended";
	if (input->live && !input->is_device && is_end)
		return "the sender has gone";
	return av_make_error_string(words, n_bytes, input->read_error);
}

bool input_can_jump(const struct input *input)
{
	const AVIOContext *io = input->format->pb;

	return input->has_timestamps && !input->live && (!io || io->seekable);
}

int input_jump(struct input *input, int64_t pts)
{
	forget_packets(input);
	drop_ahead(input);
	set_deadline(input, read_timeout_ns(input));
	return avformat_seek_file(input->format, input->video.stream->index, INT64_MIN, pts, pts, 0);
}

bool input_is_dated(const struct input *input, const AVPacket *packet)
{
	/* AVI counts chunks. Empty ones stand for the picture before, have no entry, and may be counted twice. */
	if (strcmp(input->format->iformat->name, "avi") != 0)
		return true;
	const AVIndexEntry *entry = avformat_index_get_entry_from_timestamp(input->video.stream, packet->dts,
		AVSEEK_FLAG_ANY | AVSEEK_FLAG_BACKWARD);
	return entry && entry->timestamp == packet->dts && packet->pos - entry->pos <= CHUNK_HEAD_BYTES;
}

/* A pipe, or a file of another kind that gives what it has once. */
bool input_is_pipe(const struct input *input)
{
	const char *url = input->format->url, *path = url, *protocol = avio_find_protocol_name(url);
	struct stat file;

	if (protocol && strcmp(protocol, "pipe") == 0)
		return true;
	av_strstart(url, "file:", &path);
	return stat(path, &file) == 0 && (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode) || S_ISCHR(file.st_mode));
}

bool input_can_reopen(const struct input *input)
{
	return !input->live && !input_is_pipe(input);
}

const struct colour *input_colour(const struct input *input)
{
	unsigned i = (unsigned)input->video.stream->index;

	return i < input->connection->n_colours ? &input->connection->colours[i] : NULL;
}

void input_close(struct input *input)
{
	drop_ahead(input);
	if (!input->connection)
		return;
	read_watchdog_begin(input->watchdog);
	input->format = NULL;
	if (!connection_close(&input->connection))
		input->report->counters.left_behind++;
	read_watchdog_end(input->watchdog, false);
}
