/* SPDX-License-Identifier: BSD-2-Clause */
/* Pictures of anything that FFmpeg opens: input, decoder and timeline put together. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libavutil/avstring.h>
#include <libavutil/pixdesc.h>

#include "catch_up.h"
#include "compat.h"
#include "container.h"
#include "damage.h"
#include "decoder.h"
#include "ffmpeg_log.h"
#include "geometry.h"
#include "input.h"
#include "input_end.h"
#include "program/message.h"
#include "program/signals.h"
#include "report.h"
#include "seek.h"
#include "session.h"
#include "source.h"
#include "timeline.h"
#include "traffic.h"
#include "url.h"
#include "wall.h"

struct source_av {
	struct source base;
	const struct settings *settings;
	struct report *report;
	struct publisher *publisher;
	struct read_watchdog watchdog;
	struct session session;
	bool comes_back;         /* once it was open: a camera over HTTP is known for one by its pace alone */
	atomic_bool is_away;     /* that it is lost was said, and is over with its next picture */
	struct device_id device; /* the camera, if it is one */
	struct input input;
	struct timeline timeline;
	AVCodecContext *decoder;
	AVPacket *packet;
	AVFrame *frame;
	struct seek seek;
	struct damage damage;
	struct catch_up catch_up;
	struct traffic traffic;
	struct wall wall;
	bool told_slow;  /* that --seek decodes from the beginning on */
	bool draining;   /* what the decoder has, */
	bool has_packet; /* and then the packet is another one's, */
	bool is_held;    /* or this one's, which begins anew with it */
	uint64_t n_pass; /* pictures since the last (re)start */
	struct container container;
};

/*
 * That it is lost the watchdog's thread says, while this one is inside a read, which cannot end before that is said: so
 * the report has one user at a time.
 */
static void on_lost(void *context, bool lost)
{
	struct source_av *source = context;

	if (atomic_load(&source->is_away))
		return;
	publisher_source_lost(source->publisher, lost ? REPORT_SILENT : NULL, 0);
	if (zi_signals_stopped())
		return;
	if (lost)
		report_silent(source->report);
	else
		report_back(source->report, 0, zoe_now_ns() - source->session.picture_ns);
}

/* Stopped inside a read that does not end: the pool's name must go all the same. */
static void give_up(void *context)
{
	struct source_av *source = context;

	publisher_end(source->publisher, ZOE_END_STOPPED);
	publisher_abandon(source->publisher);
	report_end(source->report);
	fflush(stdout);
	_Exit(0);
}

static AVRational rate_of(const struct input *input)
{
	AVRational rate = av_guess_frame_rate(input->format, input->video.stream, NULL);

	return rate.num > 0 ? rate : input->video.stream->r_frame_rate;
}

static void remember_input(struct source_av *source)
{
	const AVCodecContext *decoder = source->decoder;
	const AVCodecParameters *shape = source->input.video.stream->codecpar;
	const char *pix_fmt = av_get_pix_fmt_name(shape->format);
	AVRational rate = rate_of(&source->input);
	struct report_input input = {
		.container = source->input.format->iformat->name,
		.codec = avcodec_get_name(shape->codec_id),
		.pix_fmt = pix_fmt ? pix_fmt : "unknown",
		.width_px = shape->width,
		.height_px = shape->height,
		.rate_fps = rate.den > 0 ? av_q2d(rate) : 0,
		.n_threads = decoder->active_thread_type ? decoder->thread_count : 1,
		.threads = decoder_threading(decoder),
		.in_place = decoder_is_in_place(decoder),
		.live = source->input.live,
	};

	report_input(source->report, &input);
}

static void close_decoder(struct source_av *source)
{
	avcodec_free_context(&source->decoder);
	source->damage = (struct damage){ 0 };
	source->traffic = (struct traffic){ 0 };
	source->wall = (struct wall){ 0 };
	source->report->counters.lag_ns = 0;
	container_close(&source->container);
	source->draining = source->is_held = false;
}

static void close_parts(struct source_av *source)
{
	close_decoder(source);
	input_close(&source->input);
	source->has_packet = false;
	if (source->packet)
		av_packet_unref(source->packet);
}

static void close_av(struct source *base)
{
	struct source_av *source = (struct source_av *)base;

	av_frame_free(&source->frame);
	close_parts(source);
	av_packet_free(&source->packet);
	read_watchdog_stop(&source->watchdog);
	free(source);
}

/*
 * True where a parser of libavformat's puts the packets together: it sees the end of one in what the next begins with,
 * and what had come with that is given with the one before.
 */
static bool tells_of_next(const struct input *input)
{
	static const enum AVCodecID codecs[] = { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG4,
		AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_H263 };

	for (size_t i = 0; i < FF_ARRAY_ELEMS(codecs); i++)
		if (input->video.decoder->id == codecs[i])
			return av_match_name(input->format->iformat->name, "rtsp,sdp,rtp");
	return false;
}

static enum source_outcome open_decoder(struct source_av *source)
{
	if (container_open(&source->container, source->input.format, source->input.video.stream,
		    input_colour(&source->input)) < 0)
		return input_fail(&source->input, "input (%s): out of memory", source->settings->shown_input);
	/* A file begins at its beginning; and not each demuxer of files knows which packets are key packets. */
	source->damage.is_joined = source->input.live;
	enum source_outcome outcome = decoder_open(&source->decoder, &source->input, source->publisher);
	source->wall.is_of_next = tells_of_next(&source->input);
	/* With frame threads it gives pictures that are not whole as well. */
	source->damage.recovers = outcome == SOURCE_OK && source->input.video.decoder->id == AV_CODEC_ID_H264 &&
		!(source->decoder->active_thread_type & FF_THREAD_FRAME);
	if (outcome == SOURCE_OK)
		catch_up_begin(&source->catch_up, source->decoder, source->input.live && source->input.has_timestamps,
			source->settings->max_lag_ns);
	return outcome;
}

/* What is wrong with the input, without its name. */
static const char *reason_of(const struct input *input)
{
	const char *begin = "input (", *why = input->why;
	size_t n_bytes = strlen(begin) + strlen(input->settings->shown_input) + strlen("): ");

	return strncmp(why, begin, strlen(begin)) == 0 && strlen(why) > n_bytes ? why + n_bytes : why;
}

/* Input and decoder, or those anew: from the first packet on. */
static enum source_outcome open_both(struct source_av *source)
{
	close_parts(source);
	enum source_outcome outcome = input_open(&source->input, source->settings, source->report, &source->watchdog,
		&source->device);
	return outcome == SOURCE_OK ? open_decoder(source) : outcome;
}

/* The source is away: wait until it is time to try again. SOURCE_END: somebody asked to stop. */
static enum source_outcome wait_for_next_try(struct source_av *source)
{
	struct session *session = &source->session;
	const char *why = reason_of(&source->input);

	close_parts(source);
	session->is_local = input_is_local(&source->input);
	session_failed(session, zoe_now_ns());
	atomic_store(&source->is_away, true);
	if (publisher_source_lost(source->publisher, why, session->n_away) < 0) {
		report_pool_failure(source->report);
		return SOURCE_FAILED;
	}
	report_lost(source->report, why, session->n_away, session->next_ns - zoe_now_ns());
	if (zi_signals_wait_until(session->next_ns))
		return SOURCE_END;
	session_try(session);
	return SOURCE_OK;
}

/*
 * A mistake of the user's at the start ends it, with --reconnect always only one on the command line; what has played
 * comes back, whatever is wrong with it now.
 */
static bool is_worth_another_try(const struct source_av *source)
{
	bool has_played = source->report->counters.decoded > 0;

	if (source->settings->reconnect == RECONNECT_ALWAYS)
		return has_played || !source->input.is_mistake;
	return source->comes_back ? has_played || source->input.may_pass
				  : source->input.may_pass && input_comes_back(&source->input);
}

static enum source_outcome fail(struct source_av *source)
{
	const struct input *input = &source->input;

	report_failure(source->report, "%s%s%s", input->why, input->hint ? "; " : "", input->hint ? input->hint : "");
	return SOURCE_FAILED;
}

/* open_both(), until it succeeds where the source may come back. */
static enum source_outcome connect(struct source_av *source)
{
	enum source_outcome outcome;

	while ((outcome = open_both(source)) == SOURCE_FAILED && is_worth_another_try(source)) {
		enum source_outcome waited = wait_for_next_try(source);
		if (waited != SOURCE_OK)
			return waited;
	}
	if (outcome == SOURCE_OK)
		source->comes_back |= input_comes_back(&source->input);
	return outcome == SOURCE_FAILED ? fail(source) : outcome;
}

/* Decode from the first packet on for --seek, which takes its time: say why, once. */
static void begin_slowly(struct source_av *source, const char *why)
{
	seek_from_start(&source->seek);
	if (!source->told_slow)
		zi_message("--seek (%s): %s; it is decoded from its beginning on", source->settings->shown_input, why);
	source->told_slow = true;
}

/* What the decoder has, and what is held for it, is of another place. */
static void flush(struct source_av *source)
{
	avcodec_flush_buffers(source->decoder);
	catch_up_flushed(&source->catch_up);
	if (source->is_held)
		av_packet_unref(source->packet);
	source->draining = source->is_held = false;
}

/* Go to where decoding is to begin, from which nothing has been read yet. */
static enum source_outcome jump(struct source_av *source)
{
	bool moved = source->input.n_packets > 0;
	int64_t pts;

	/* A packet that another decoder waits for is where it was opened for, and nowhere else. */
	while (!source->has_packet && seek_jump(&source->seek, &pts)) {
		flush(source);
		if (input_jump(&source->input, pts) >= 0)
			return SOURCE_OK;
		moved = true;
		seek_further_back(&source->seek);
	}
	return moved && input_can_reopen(&source->input) ? connect(source) : SOURCE_OK;
}

/* The pass is to begin with the picture that --seek names. */
static enum source_outcome begin_pass(struct source_av *source)
{
	const AVStream *stream = source->input.video.stream;
	/* What is live is where it is, and so much of it has been left out already. */
	bool is_back = source->input.live && source->report->counters.decoded > 0;
	int64_t time_ns = is_back ? 0 : source->settings->seek_ns;

	source->n_pass = 0;
	seek_begin_pass(&source->seek, stream->time_base, stream->start_time, time_ns);
	if (time_ns == 0)
		return SOURCE_OK;
	if (!input_can_jump(&source->input))
		begin_slowly(source, "this input cannot be sought");
	if (!input_can_reopen(&source->input))
		seek_take_what_comes(&source->seek);
	return jump(source);
}

static enum source_outcome refuse_loop(struct source_av *source)
{
	report_failure(source->report, "--loop (%s): it can be read only once; give a file",
		source->settings->shown_input);
	return SOURCE_FAILED;
}

/* A named pipe may give a camera's pictures now, and a file's the next time. */
static void follow_kind(struct source_av *source)
{
	source->base.live = source->input.live;
	source->timeline.is_live = source->input.live;
	source->timeline.may_jump = source->input.live || (source->input.format->iformat->flags & AVFMT_TS_DISCONT);
}

static enum source_outcome open_parts(struct source_av *source)
{
	/* One that is away would be waited for. */
	if (source->settings->loop && url_is_live(source->settings->input))
		return refuse_loop(source);
	enum source_outcome outcome = connect(source);
	if (outcome != SOURCE_OK)
		return outcome;
	if (source->settings->loop && !input_can_reopen(&source->input))
		return refuse_loop(source);
	const AVStream *stream = source->input.video.stream;
	publisher_set_stream(source->publisher, stream->time_base, stream->sample_aspect_ratio);
	if (source->input.live)
		publisher_set_live(source->publisher);
	timeline_init(&source->timeline, stream->time_base, rate_of(&source->input));
	follow_kind(source);
	remember_input(source);
	return begin_pass(source);
}

static enum source_outcome open_av(struct source **out, const struct settings *settings, struct publisher *publisher,
	struct report *report)
{
	struct source_av *source = calloc(1, sizeof(*source));
	enum source_outcome outcome = SOURCE_FAILED;

	if (!source || read_watchdog_start(&source->watchdog, on_lost, give_up, source) < 0) {
		report_failure(report, "input (%s): no memory or no thread for it", settings->shown_input);
		free(source);
		return SOURCE_FAILED;
	}
	session_begin(&source->session, (uint32_t)zoe_now_ns(), zoe_now_ns());
	source->settings = settings;
	source->report = report;
	source->publisher = publisher;
	source->packet = av_packet_alloc();
	source->frame = av_frame_alloc();
	if (source->packet && source->frame)
		outcome = open_parts(source);
	if (outcome != SOURCE_OK) {
		close_av(&source->base);
		return outcome;
	}
	source->base.class = &source_av;
	source->base.live = source->input.live;
	*out = &source->base;
	return SOURCE_OK;
}

/* What was decoded is not what --seek asks for. */
static enum source_outcome begin_again(struct source_av *source, enum seek_verdict verdict)
{
	if (verdict == SEEK_FROM_START)
		begin_slowly(source, "its timestamps are not exact elsewhere");
	else
		seek_further_back(&source->seek);
	return jump(source);
}

/* What no picture tells, since it is left out. */
static void tell(struct source_av *source)
{
	publisher_tell_source(source->publisher);
	report_troubles(source->report);
}

static void note_error(struct source_av *source)
{
	source->report->counters.decode_errors++;
	damage_error(&source->damage);
	/* Where no picture comes any more nothing else would. */
	tell(source);
}

/* Give the decoder the packet, if it can keep up with that. The time at which it was read is its tag. */
static void give(struct source_av *source, int64_t now_ns)
{
	if (!catch_up_wants(&source->catch_up, source->decoder, source->packet, source->input.waited_ns,
		    &source->timeline, &source->damage, &source->report->counters)) {
		tell(source);
		return;
	}
	compat_tag_packet(source->decoder, source->packet, now_ns);
	damage_packet(&source->damage, source->packet, now_ns);
	uint64_t n_missing = ffmpeg_log_count(FFMPEG_LOG_LACKS_PICTURE);
	int error = avcodec_send_packet(source->decoder, source->packet);
	/* No transport said that it was lost: a server left it out. A key packet needs none. */
	if (ffmpeg_log_count(FFMPEG_LOG_LACKS_PICTURE) != n_missing && !(source->packet->flags & AV_PKT_FLAG_KEY))
		damage_error(&source->damage);
	if (error < 0)
		note_error(source);
	else
		catch_up_given(&source->catch_up);
}

/* When it was taken, as the camera says; 0: it does not. */
static int64_t taken_ns(const AVPacket *packet)
{
	size_t n_bytes;
	const AVProducerReferenceTime *reference = (const void *)av_packet_get_side_data(packet, AV_PKT_DATA_PRFT,
		&n_bytes);

	if (!reference || n_bytes < sizeof(*reference) || reference->wallclock < 0 ||
		reference->wallclock > INT64_MAX / 1000)
		return 0;
	return reference->wallclock * 1000;
}

/* The present packet was read: its time is also its tag. */
static void note_packet(struct source_av *source, int64_t now_ns)
{
	struct counters *counters = &source->report->counters;
	struct timespec now;

	traffic_packet(&source->traffic, source->packet->size, source->packet->flags & AV_PKT_FLAG_KEY, now_ns);
	clock_gettime(CLOCK_REALTIME, &now);
	wall_packet(&source->wall, now_ns, taken_ns(source->packet), (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
	counters->bits_per_s = source->traffic.bits_per_s;
	counters->key_interval = source->traffic.key_interval;
}

/* Send the decoder the packet. */
static enum source_outcome send_packet(struct source_av *source)
{
	int64_t now_ns = zoe_now_ns();

	if (!source->is_held && damage_begins_anew(&source->damage, source->packet)) {
		source->is_held = true;
		catch_up_empty(&source->catch_up, source->decoder);
		return SOURCE_OK;
	}
	source->is_held = false;
	enum seek_verdict verdict = seek_judge_packet(&source->seek, source->packet,
		input_is_dated(&source->input, source->packet));

	note_packet(source, now_ns);
	if (verdict == SEEK_USE)
		give(source, now_ns);
	av_packet_unref(source->packet);
	return verdict == SEEK_USE || verdict == SEEK_SKIP ? SOURCE_OK : begin_again(source, verdict);
}

/* Read a packet and send it to the decoder, or word that none follows: none of its own, perhaps. */
static enum source_outcome feed(struct source_av *source)
{
	bool has_packet = source->is_held || input_read(&source->input, source->packet) == 0;

	source->has_packet = has_packet && source->input.is_other;
	if (has_packet && !source->has_packet)
		return send_packet(source);
	source->draining = true;
	avcodec_send_packet(source->decoder, NULL);
	return SOURCE_OK;
}

static enum source_outcome open_pass(struct source_av *source)
{
	enum source_outcome outcome = connect(source);

	if (outcome != SOURCE_OK)
		return outcome;
	timeline_restart(&source->timeline, source->input.video.stream->time_base, rate_of(&source->input));
	follow_kind(source);
	/* What was open before may have given no picture, and been something else. */
	remember_input(source);
	return begin_pass(source);
}

/*
 * Open again what is away, and why the input says: its frames go on as much later as it was. What is there, and nobody
 * waits for, is opened at once.
 */
static enum source_outcome open_again(struct source_av *source, bool is_there)
{
	/* What is live may have been silent before it was given up. */
	int64_t lost_ns = source->input.live && !is_there ? source->session.picture_ns : zoe_now_ns();
	enum source_outcome outcome = is_there ? SOURCE_OK : wait_for_next_try(source);

	if (is_there)
		zi_message("%s; it is opened again", source->input.why);
	if (outcome != SOURCE_OK)
		return outcome;
	outcome = open_pass(source);
	if (outcome == SOURCE_OK)
		timeline_wait(&source->timeline, zoe_now_ns() - lost_ns);
	/* It came back as something else, for which an option is none. */
	return outcome == SOURCE_USAGE ? SOURCE_FAILED : outcome;
}

/* It broke off, or ended, and is to come back. */
static enum source_outcome come_back(struct source_av *source)
{
	const struct input *input = &source->input;
	const char *name = source->settings->shown_input;
	/* It is not away. But what gives no picture is not opened again and again. */
	bool is_there = input->read_error == AVERROR_INPUT_CHANGED && source->n_pass > 0;
	char words[128];

	if (input->read_error == AVERROR(ETIMEDOUT))
		input_fail(&source->input, "input (%s): nothing for %.3g s", name,
			(double)source->settings->read_timeout_ns / 1e9);
	else if (input->read_error == AVERROR_INPUT_CHANGED)
		input_fail(&source->input, "input (%s): %s", name,
			input->connection->is_renumbered ? "its packets are numbered anew"
							 : "its codec is another one now");
	else
		input_fail(&source->input, "input (%s): %s", name, input_broke_off(input, words, sizeof(words)));
	return open_again(source, is_there);
}

/* The decoder has given all that it had: go on with the one that the packet is for. */
static enum source_outcome change_decoder(struct source_av *source)
{
	struct input *input = &source->input;

	close_decoder(source);
	/* What the first one took. */
	if (av_dict_copy(&input->connection->options, source->settings->options, 0) < 0)
		input_fail(input, "input (%s): out of memory", source->settings->shown_input);
	else if (open_decoder(source) == SOURCE_OK) {
		zi_message("input (%s): goes on as %s, stream %d", source->settings->shown_input,
			input->video.decoder->name, input->video.stream->index);
		input->is_other = source->has_packet = false;
		return send_packet(source);
	}
	return source->comes_back ? open_again(source, false) : fail(source);
}

/* Begin anew for --loop. What is opened anew gives all that it gave the first time, whatever its container. */
static enum source_outcome restart(struct source_av *source)
{
	if (source->n_pass == 0) {
		report_failure(source->report, "--loop (%s): no picture came this time", source->settings->shown_input);
		return SOURCE_FAILED;
	}
	return open_pass(source);
}

/* The input has ended. SOURCE_FAILED when something is missing, and it was reported; a loop shows what there is. */
static enum source_outcome finish(struct source_av *source)
{
	const struct counters *counters = &source->report->counters;
	const char *name = source->settings->shown_input;
	char why[128];

	if (zi_signals_stopped())
		return SOURCE_END;
	if (source->settings->loop && source->n_pass > 0)
		return SOURCE_END;
	if (source->input.live && source->input.read_error < 0)
		report_failure(source->report, "input (%s): the source broke off: %s", name,
			input_broke_off(&source->input, why, sizeof(why)));
	else if (source->input.live && !input_is_pipe(&source->input))
		report_failure(source->report,
			"input (%s): it ended, and is live; without --reconnect never it is waited for", name);
	else if (input_is_cut(&source->input, why, sizeof(why)))
		report_failure(source->report,
			"input (%s): ends early or is damaged: %s; what was there has been shown", name, why);
	else if (counters->decoded == 0 && source->settings->seek_ns > 0 && counters->before_seek > 0)
		report_failure(source->report, "--seek (%s): it ends before that time", name);
	else if (counters->decoded == 0)
		report_failure(source->report, "input (%s): no picture could be decoded (%" PRIu64 " errors)", name,
			counters->decode_errors);
	else
		return SOURCE_END;
	return SOURCE_FAILED;
}

/* The next frame that the decoder gives, reading as much as it takes. SOURCE_END: no more in this pass. */
static enum source_outcome decode(struct source_av *source)
{
	enum source_outcome outcome;

	while (!zi_signals_stopped()) {
		int error = avcodec_receive_frame(source->decoder, source->frame);
		if (error == 0) {
			catch_up_picture(&source->catch_up);
			return SOURCE_OK;
		}
		if (error == AVERROR_EOF && catch_up_emptied(&source->catch_up, source->decoder))
			continue;
		bool is_done = error == AVERROR_EOF || (error == AVERROR(EAGAIN) && source->draining);
		if (is_done && !source->has_packet)
			return SOURCE_END;
		if (is_done) {
			outcome = change_decoder(source);
		} else if (error == AVERROR(EAGAIN)) {
			catch_up_idle(&source->catch_up, source->decoder, &source->report->counters);
			outcome = feed(source);
		} else {
			note_error(source);
			continue;
		}
		if (outcome != SOURCE_OK)
			return outcome;
	}
	return SOURCE_END;
}

static void describe(struct source_av *source, struct picture *picture, int64_t pts, bool is_damaged)
{
	AVFrame *frame = source->frame;
	const AVFrameSideData *matrix = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);

	*picture = (struct picture){
		.frame = frame,
		.sample_aspect = av_guess_sample_aspect_ratio(source->input.format, source->input.video.stream, frame),
		.read_ns = compat_tag_of(frame),
		.decoded_ns = zoe_now_ns(),
		.taken_ns = source->input.live ? wall_taken(&source->wall, compat_tag_of(frame)) : 0,
		.orientation = matrix ? geometry_orientation((const void *)matrix->data)
				      : source->container.orientation,
		.frame_rate = source->container.frame_rate,
		.flags = is_damaged ? ZOE_FRAME_CORRUPT : 0,
	};
	container_complete(&source->container, frame);
	geometry_crop(picture);
	timeline_set(&source->timeline, picture, pts);
	source->report->counters.restamped = source->timeline.n_restamped;
}

/* The pass has ended. SOURCE_OK: there is another, or this one begins again. */
static enum source_outcome next_pass(struct source_av *source)
{
	if (zi_signals_stopped())
		return SOURCE_END;
	if (seek_judge_end(&source->seek) == SEEK_FURTHER_BACK)
		return begin_again(source, SEEK_FURTHER_BACK);
	if (source->comes_back && !source->settings->loop)
		return come_back(source);
	enum source_outcome outcome = finish(source);
	if (outcome == SOURCE_FAILED || zi_signals_stopped() || !source->settings->loop)
		return outcome;
	return restart(source);
}

/* What was away is back with its first picture. */
static void note_picture(struct source_av *source)
{
	unsigned n_tries = source->session.n_away;
	int64_t now_ns = zoe_now_ns(), lost_ns = source->session.picture_ns;

	if (!session_picture(&source->session, now_ns) || n_tries == 0)
		return;
	atomic_store(&source->is_away, false);
	publisher_source_lost(source->publisher, NULL, 0);
	report_back(source->report, n_tries, now_ns - lost_ns);
}

/* A picture was decoded. SEEK_USE: it is shown. */
static enum seek_verdict judge(struct source_av *source, int64_t pts)
{
	enum seek_verdict verdict = seek_judge_picture(&source->seek, source->frame, pts,
		source->decoder->has_b_frames > 0);

	if (verdict == SEEK_USE) {
		source->n_pass++;
		/* Before it counts: until then it was never there. */
		note_picture(source);
		source->report->counters.decoded++;
	} else {
		source->report->counters.before_seek++;
		av_frame_unref(source->frame);
	}
	return verdict;
}

/* True, and the picture is let go, for one that lacks something where only whole ones are wanted. */
static bool is_withheld(struct source_av *source, bool is_damaged)
{
	if (!is_damaged || !source->settings->whole_frames)
		return false;
	source->report->counters.damaged++;
	tell(source);
	av_frame_unref(source->frame);
	return true;
}

static enum source_outcome next_av(struct source *base, struct picture *picture)
{
	struct source_av *source = (struct source_av *)base;

	for (;;) {
		enum seek_verdict verdict = SEEK_SKIP;
		enum source_outcome outcome = decode(source);
		if (outcome == SOURCE_OK) {
			int64_t pts = timeline_next(&source->timeline, source->frame);
			/* Of those that are passed over, too: others are made from them. */
			bool is_damaged = damage_picture(&source->damage, source->frame);
			verdict = judge(source, pts);
			if (verdict == SEEK_USE && !is_withheld(source, is_damaged)) {
				describe(source, picture, pts, is_damaged);
				return SOURCE_OK;
			}
			if (verdict != SEEK_SKIP && verdict != SEEK_USE)
				outcome = begin_again(source, verdict);
		} else if (outcome == SOURCE_END) {
			outcome = next_pass(source);
		}
		if (outcome != SOURCE_OK)
			return outcome;
	}
}

const struct source_class source_av = { .open = open_av, .next = next_av, .close = close_av };
