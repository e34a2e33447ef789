// SPDX-License-Identifier: GPL-2.0
/* The agent, a coprocess on two pipes. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

#define ANSWER_SIZE 4096

struct request {
	struct request *next;
	control_done_fn done;
	void *ctx;
	char line[];			/* with its newline */
};

static struct {
	pid_t pid;			/* 0: there is none */
	int to_fd;
	int from_fd;
	struct request *queue;		/* the first one is being answered */
	struct request **queue_end;
	char answer[ANSWER_SIZE];
	size_t answer_len;
} agent = { .to_fd = -1, .from_fd = -1, .queue_end = &agent.queue };

/* Completes the first request. */
static void complete(const char *verdict, const char *text)
{
	struct request *request = agent.queue;
	char answer[ANSWER_SIZE + 16];

	agent.queue = request->next;
	if (!agent.queue)
		agent.queue_end = &agent.queue;
	snprintf(answer, sizeof(answer), "%s%s%s\n", verdict,
		 *text ? " " : "", text);
	log_line("control", "agent: %s: %s", verdict, text);
	request->done(request->ctx, answer);
	free(request);
}

static void disconnect(const char *why)
{
	loop_del_fd(agent.from_fd);
	close(agent.from_fd);
	close(agent.to_fd);
	agent.from_fd = -1;
	agent.to_fd = -1;
	log_line("control", "agent: %s", why);
	while (agent.queue)
		complete("error", why);
}

static void send_next(void)
{
	size_t len;

	if (!agent.queue)
		return;
	/* One line at a time is less than a pipe holds: no need to wait. */
	len = strlen(agent.queue->line);
	if (write(agent.to_fd, agent.queue->line, len) != (ssize_t)len)
		disconnect("the agent does not read");
}

static void line_came(char *line)
{
	char *end;
	long status = strtol(line, &end, 10);

	if (!agent.queue) {
		log_line("control", "agent: not asked: %s", line);
		return;
	}
	if (end == line || (*end && *end != ' '))
		complete("error", "the agent's answer begins with no status");
	else
		complete(status ? "error" : "ok", end + strspn(end, " "));
	send_next();
}

static void readable(void *ctx, uint32_t events)
{
	char *newline;
	ssize_t len;

	len = read(agent.from_fd, agent.answer + agent.answer_len,
		   sizeof(agent.answer) - agent.answer_len);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		disconnect("the agent has ended");
		return;
	}
	agent.answer_len += (size_t)len;
	while (agent.from_fd >= 0 &&
	       (newline = memchr(agent.answer, '\n', agent.answer_len))) {
		size_t used = (size_t)(newline - agent.answer) + 1;

		*newline = '\0';
		line_came(agent.answer);
		agent.answer_len -= used;
		memmove(agent.answer, agent.answer + used, agent.answer_len);
	}
	if (agent.from_fd >= 0 && agent.answer_len == sizeof(agent.answer))
		disconnect("the agent's answer is too long");
}

static void run_child(const char *command, int in, int out)
{
	sigset_t none;

	/* A group of its own, so that agent_stop() reaches its children. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

int agent_start(const char *command)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 };
	int err = 0;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC)) {
		err = -errno;
		goto out;
	}
	agent.pid = fork();
	if (agent.pid < 0) {
		err = -errno;
		agent.pid = 0;
		goto out;
	}
	if (!agent.pid)
		run_child(command, to[0], from[1]);
	setpgid(agent.pid, agent.pid);	/* whoever of the two comes first */
	agent.to_fd = to[1];
	agent.from_fd = from[0];
	fcntl(agent.to_fd, F_SETFL, O_NONBLOCK);
	fcntl(agent.from_fd, F_SETFL, O_NONBLOCK);
	err = loop_add_fd(agent.from_fd, EPOLLIN, readable, NULL);
out:
	close(to[0]);
	close(from[1]);
	if (err) {
		close(to[1]);
		close(from[0]);
		complain("cannot start the agent: %s", strerror(-err));
	}
	return err;
}

void agent_ask(const char *line, control_done_fn done, void *ctx)
{
	size_t len = strcspn(line, "\r\n");
	struct request *request;
	bool idle = !agent.queue;

	if (agent.to_fd < 0) {
		done(ctx, "error there is no agent\n");
		return;
	}
	request = calloc(1, sizeof(*request) + len + 2);
	if (!request) {
		done(ctx, "error out of memory\n");
		return;
	}
	memcpy(request->line, line, len);
	request->line[len] = '\n';
	request->done = done;
	request->ctx = ctx;
	*agent.queue_end = request;
	agent.queue_end = &request->next;
	log_line("control", "agent asked: %.*s", (int)len, line);
	if (idle)
		send_next();
}

void agent_stop(void)
{
	if (!agent.pid)
		return;
	kill(-agent.pid, SIGTERM);
	waitpid(agent.pid, NULL, 0);
	agent.pid = 0;
}
