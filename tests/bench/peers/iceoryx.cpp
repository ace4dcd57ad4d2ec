// SPDX-License-Identifier: BSD-2-Clause
// iceoryx 2: an untyped publisher that fills loaned chunks, a subscriber with room for the
// newest. Ways: waitset, poll. What it needs beside it is RouDi, its daemon, with memory
// pools for frames as large as these.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <iceoryx_posh/popo/untyped_publisher.hpp>
#include <iceoryx_posh/popo/untyped_subscriber.hpp>
#include <iceoryx_posh/popo/wait_set.hpp>
#include <iceoryx_posh/runtime/posh_runtime.hpp>
#include <iceoryx_hoofs/error_handling/error_handling.hpp>
#include <iceoryx_hoofs/log/logmanager.hpp>
#include <iceoryx_versions.hpp>

#include "peer.h"

namespace {

const char *version()
{
	return ICEORYX_LATEST_RELEASE_VERSION;
}

iox::capro::ServiceDescription service(const peer_task *task)
{
	using iox::capro::IdString_t;
	return { IdString_t("zoe-bench"), IdString_t(iox::cxx::TruncateToCapacity, task->name), IdString_t("frame") };
}

void join(const peer_task *task, const char *role)
{
	iox::log::LogManager::GetLogManager().SetDefaultLogLevel(iox::log::LogLevel::kWarn,
		iox::log::LogLevelOutput::kHideLogLevel);
	iox::runtime::PoshRuntime::initRuntime(
		iox::RuntimeName_t(iox::cxx::TruncateToCapacity, std::string(task->name) + role));
}

int publish(const peer_task *task)
{
	join(task, "-publish");
	iox::popo::UntypedPublisher publisher(service(task));
	bool failed = false;
	// By default a loan that fails aborts.
	auto handler = iox::ErrorHandler::setTemporaryErrorHandler([](auto error, auto, auto level) {
		peer_complain("%s", iox::ErrorHandler::toString(error));
		if (level == iox::ErrorLevel::FATAL)
			_exit(1);
	});
	while (!failed && peer_next())
		publisher.loan(static_cast<uint32_t>(task->bytes))
			.and_then([&](void *chunk) {
				peer_stamp(chunk);
				publisher.publish(chunk);
			})
			.or_else([&](auto &) {
				failed = true;
				peer_complain("RouDi has no chunk of %llu bytes; stop it, and one that has is started",
					static_cast<unsigned long long>(task->bytes));
			});
	return failed;
}

// Everything that waits. False: that was the last frame.
bool take(iox::popo::UntypedSubscriber &subscriber)
{
	bool more = true;
	subscriber.take().and_then([&](const void *chunk) {
		more = peer_got(chunk);
		subscriber.release(chunk);
	});
	return more;
}

int receive(const peer_task *task)
{
	join(task, "-receive");
	iox::popo::SubscriberOptions options;
	options.queueCapacity = 1;
	iox::popo::UntypedSubscriber subscriber(service(task), options);
	if (strcmp(task->way, "poll") == 0) {
		while (take(subscriber))
			;
		return 0;
	}
	iox::popo::WaitSet<> waitset;
	int failed = 0;
	waitset.attachState(subscriber, iox::popo::SubscriberState::HAS_DATA).or_else([&](auto) {
		failed = peer_complain("the WaitSet takes no subscriber");
	});
	for (bool more = !failed; more; more = take(subscriber))
		waitset.wait();
	return failed;
}

// RouDi's clients find it by this socket.
bool roudi_runs()
{
	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s%s", iox::platform::IOX_UDS_SOCKET_PATH_PREFIX,
		iox::roudi::IPC_CHANNEL_ROUDI_NAME);
	int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool runs = connect(socket_fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0;
	close(socket_fd);
	return runs;
}

// One RouDi at a time: it keeps this name for its life, and who measures beside another one waits until that has ended.
int take_turn()
{
	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	memcpy(address.sun_path + 1, "zoe-bench", 9); // abstract: goes with its holder
	int turn = socket(AF_UNIX, SOCK_DGRAM, 0);
	for (bool said = false; bind(turn, reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0; said = true) {
		if (!said)
			peer_complain("another zoe-bench peers has RouDi");
		usleep(50000);
	}
	return turn;
}

// Becomes RouDi, which says by itself that it is "ready". By default its largest chunk is 4 MB.
int serve(const peer_task *task)
{
	int turn = take_turn();
	if (roudi_runs()) {
		close(turn);
		puts("ready: RouDi was running already, and is used as it is");
		fflush(stdout);
		pause();
		return 0;
	}
	std::string config = std::string(task->dir) + "/roudi.toml";
	FILE *file = fopen(config.c_str(), "w");
	if (!file)
		return peer_complain("%s: %s", config.c_str(), strerror(errno));
	fprintf(file, "[general]\nversion = 1\n[[segment]]\n[[segment.mempool]]\nsize = %llu\ncount = 8\n",
		static_cast<unsigned long long>((task->bytes + 7) / 8 * 8));
	fclose(file);
	// However this ends, RouDi must get to remove what it made.
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execlp("iox-roudi", "iox-roudi", "-c", config.c_str(), static_cast<char *>(nullptr));
	return peer_complain("iox-roudi: %s (Debian: iceoryx)", strerror(errno));
}

} // namespace

extern "C" const struct peer peer = { version, serve, nullptr, publish, receive };
