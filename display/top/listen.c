/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zoe-top --listen: Prometheus' text over HTTP, by libmicrohttpd in this one thread. It reads requests and
 * writes answers as the sockets let it, but knows of idle clients only: one that sends a byte now and then
 * would stay for hours. So clients are let in here, and shown out when their time is up; nor does a want of
 * descriptors become a busy loop.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "program/message.h"
#include "program/output.h"
#include "program/signals.h"
#include "top.h"

#define MAX_CLIENTS 16
#define CLIENT_BYTES 8192 /* for a request's headers, and those of its answer */
#define CLIENT_NS INT64_C(5000000000)
#define CROWDED_NS INT64_C(1000000000) /* while nobody else can be let in */
#define REST_NS INT64_C(100000000)
#define MS INT64_C(1000000)

/* From being let in until its socket is closed. */
struct client {
	int fd; /* libmicrohttpd's; -1: nobody */
	int64_t since_ns;
	bool is_out;
};

struct server {
	struct MHD_Daemon *daemon;
	int daemon_fd; /* readable when there is something for it to do */
	int listen_fd;
	int64_t rests_until_ns; /* where nobody could be let in */
	struct client clients[MAX_CLIENTS];
	struct top_answers answers;
};

static struct client *find_client(struct server *server, int fd)
{
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (server->clients[i].fd == fd)
			return &server->clients[i];
	return NULL;
}

static void note_client(void *cls, struct MHD_Connection *connection, void **unused,
	enum MHD_ConnectionNotificationCode code)
{
	int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct client *client = find_client(cls, code == MHD_CONNECTION_NOTIFY_STARTED ? -1 : fd);

	(void)unused;
	if (client && code == MHD_CONNECTION_NOTIFY_STARTED)
		*client = (struct client){ .fd = fd, .since_ns = zoe_now_ns() };
	else if (client)
		client->fd = -1;
}

/* Without descriptors or memory the client waits outside, and is looked at again when somebody may have left. */
static void let_in(struct server *server)
{
	struct sockaddr_storage peer;
	socklen_t bytes = sizeof(peer);
	int fd = accept4(server->listen_fd, (struct sockaddr *)&peer, &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 || MHD_add_connection(server->daemon, fd, (struct sockaddr *)&peer, bytes) != MHD_YES)
		server->rests_until_ns = zoe_now_ns() + REST_NS;
}

/* Nobody else can be let in. */
static bool is_crowded(struct server *server)
{
	return !find_client(server, -1) || server->rests_until_ns > zoe_now_ns();
}

/* When its time is up; never, where there is nobody. Who asks well has long left by then, crowded or not. */
static int64_t leaves_ns(const struct client *client, bool crowded)
{
	if (client->fd < 0 || client->is_out)
		return INT64_MAX;
	return client->since_ns + (crowded ? CROWDED_NS : CLIENT_NS);
}

/* Shut down, the socket is readable and has nothing, so that libmicrohttpd closes it. */
static void show_out(struct server *server)
{
	bool crowded = is_crowded(server);
	int64_t now_ns = zoe_now_ns();

	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (leaves_ns(&server->clients[i], crowded) <= now_ns) {
			shutdown(server->clients[i].fd, SHUT_RDWR);
			server->clients[i].is_out = true;
		}
}

/* Until something has to be done that no descriptor tells of; -1: for ever. */
static int timeout_ms(struct server *server)
{
	bool crowded = is_crowded(server);
	int64_t until_ns = INT64_MAX, now_ns = zoe_now_ns();
	MHD_UNSIGNED_LONG_LONG daemon_ms;

	/* No time limit of its own is set: either it has read something that it has not looked at, or it waits. */
	if (MHD_get_timeout(server->daemon, &daemon_ms) == MHD_YES)
		return 0;
	if (server->rests_until_ns > now_ns)
		until_ns = server->rests_until_ns;
	for (unsigned i = 0; i < MAX_CLIENTS; i++) {
		int64_t at_ns = leaves_ns(&server->clients[i], crowded);

		until_ns = at_ns < until_ns ? at_ns : until_ns;
	}
	if (until_ns == INT64_MAX)
		return -1;
	return until_ns > now_ns ? (int)((until_ns - now_ns) / MS + 1) : 0;
}

static void serve(struct server *server)
{
	while (!zi_signals_stopped()) {
		int listen_fd = is_crowded(server) ? -1 : server->listen_fd;
		struct pollfd sources[] = {
			{ .fd = zi_signals_fd(), .events = POLLIN },
			{ .fd = server->daemon_fd, .events = POLLIN },
			{ .fd = listen_fd, .events = POLLIN },
		};

		if (poll(sources, 3, timeout_ms(server)) > 0 && sources[2].revents)
			let_in(server);
		show_out(server);
		MHD_run(server->daemon);
	}
}

/* A socket that listens, and *endpoint with the port that it has; or a negative errno. */
static int open_socket(struct top_endpoint *endpoint)
{
	const int yes = 1, no = 0;
	int fd = socket(endpoint->address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	/* After a restart the last one's connections may linger. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (endpoint->address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (!bind(fd, &endpoint->address.any, endpoint->bytes) && !listen(fd, SOMAXCONN) &&
		!getsockname(fd, &endpoint->address.any, &endpoint->bytes))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static int start_daemon(struct server *server)
{
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, top_answer,
		&server->answers, MHD_OPTION_NOTIFY_CONNECTION, note_client, server, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)MAX_CLIENTS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	if (!server->daemon)
		return zi_message_error("cannot start the HTTP server: %s", strerror(errno));
	server->daemon_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return 0;
}

static int say_where(const struct top_settings *settings, const struct top_endpoint *endpoint)
{
	char where[TOP_ENDPOINT_BYTES], url[sizeof("http://") + TOP_ENDPOINT_BYTES + sizeof(TOP_METRICS_PATH)];
	int error = 0;

	top_endpoint_print(where, sizeof(where), endpoint);
	snprintf(url, sizeof(url), "http://%s%s", where, TOP_METRICS_PATH);
	if (settings->json)
		error = top_json_serving(url);
	else
		zi_message("serving %s", url);
	if (!top_endpoint_is_local(endpoint))
		zi_message("whoever reaches %s can read them: there is no authentication and no encryption", where);
	return error ? zi_output_fail(error) : 0;
}

int top_listen(const struct top_settings *settings)
{
	struct server server = { .answers.name = settings->name };
	struct top_endpoint endpoint = settings->listen;
	char where[TOP_ENDPOINT_BYTES];
	int status = 1, error = zi_signals_catch(ZI_SIGNALS_IGNORE_PIPE);

	if (error)
		return zi_message_error("cannot wait for signals: %s", strerror(-error));
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		server.clients[i].fd = -1;
	top_endpoint_print(where, sizeof(where), &endpoint);
	server.listen_fd = open_socket(&endpoint);
	if (server.listen_fd == -EADDRINUSE)
		return zi_message_error("--listen: %s is in use; another port, or 0 for any that is free", where);
	if (server.listen_fd < 0)
		return zi_message_error("--listen: %s: %s", where, strerror(-server.listen_fd));
	if (!start_daemon(&server)) {
		status = say_where(settings, &endpoint);
		if (!status)
			serve(&server);
		MHD_stop_daemon(server.daemon);
	}
	close(server.listen_fd);
	top_snapshot_destroy(&server.answers.before);
	return status;
}
