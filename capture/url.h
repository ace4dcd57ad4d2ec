/* SPDX-License-Identifier: BSD-2-Clause */
/* What the name of an input says of who is at the other end. */
#ifndef CAPTURE_URL_H
#define CAPTURE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include <libavutil/dict.h>

/* A protocol of what happens now. */
bool url_is_live(const char *url);

/* HTTP, over which both films and cameras come. */
bool url_is_web(const char *url);

/* A session description (SDP), in a file: senders that it names come over RTP. */
bool url_is_description(const char *url);

/* Nobody is called, by the url or by FFmpeg's options: who sends comes when it likes. */
bool url_listens(const char *url, const AVDictionary *options);

/*
 * Copy as much of a URL, or the name of a file, as `bytes` has room for, with *** for the password that stands before a
 * host, and for what a query calls a password, token, key or the like; the rest, the user's name included, as it is.
 * Where a password is not percent-encoded and it cannot be known where it ends, rather more is hidden. What is copied is
 * less than twice as long.
 */
void url_hide_password(char *to, size_t bytes, const char *url);

/* The same for a text, each of whose URLs ends at a blank. */
void url_hide_passwords(char *to, size_t bytes, const char *text);

/* Cut the URLs of a text, each of which ends at a blank, from their question mark on. */
void url_cut_queries(char *text);

/* There is a user's name before the host. */
bool url_has_user(const char *url);

/* Its password is not percent-encoded: the host that is asked is not the one that is meant, or may not be. */
enum url_password {
	URL_PASSWORD_OK,
	URL_PASSWORD_HAS_AT, /* the last @ is taken for its end, as it should be */
	URL_PASSWORD_CUT,    /* by one of / ? #, which ends the host */
};

enum url_password url_judge_password(const char *url);

/* The port after the host is not one of 1 to 65535. */
bool url_has_bad_port(const char *url);

/* HOST:PORT without a protocol before it. */
bool url_lacks_protocol(const char *url);

#endif
