// SPDX-License-Identifier: GPL-2.0
/* The control socket: lines in, one line of answer for each, in order. */
#include "control.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

#define LINE_SIZE 4096
#define BACKLOG 8

struct client {
	int fd;				/* -1: gone while a command ran */
	bool busy;			/* a command waits for its answer */
	struct loop_task work;		/* runs the lines that have come */
	size_t len;
	char line[LINE_SIZE];
};

static int listen_fd = -1;

static void client_free(struct client *client)
{
	loop_task_cancel(&client->work);
	free(client);
}

static void client_close(struct client *client)
{
	loop_del_fd(client->fd);
	close(client->fd);
	client->fd = -1;
	if (!client->busy)
		client_free(client);
}

static void client_answer(void *ctx, const char *answer)
{
	struct client *client = ctx;
	size_t len = strlen(answer);

	client->busy = false;
	if (client->fd < 0) {
		client_free(client);
		return;
	}
	/* Who does not read his answers loses the connection. */
	if (send(client->fd, answer, len, MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)len)
		shutdown(client->fd, SHUT_RDWR);
	loop_mod_fd(client->fd, EPOLLIN);
	loop_task_queue(&client->work);
}

/* Runs the first line, if it is whole; its answer asks for the next turn. */
static void client_work(void *ctx, uint32_t events)
{
	struct client *client = ctx;
	char *newline = memchr(client->line, '\n', client->len);
	char line[LINE_SIZE];
	size_t used;

	if (!newline || client->busy || client->fd < 0)
		return;
	used = (size_t)(newline - client->line) + 1;
	memcpy(line, client->line, used);
	line[used - 1] = '\0';
	client->len -= used;
	memmove(client->line, newline + 1, client->len);
	client->busy = true;
	loop_mod_fd(client->fd, 0);
	control_submit(line, client_answer, client);
}

static void client_readable(void *ctx, uint32_t events)
{
	struct client *client = ctx;
	ssize_t len = 0;

	/* A line that fills the buffer ends the connection, as its end does. */
	if (client->len < sizeof(client->line)) {
		len = recv(client->fd, client->line + client->len,
			   sizeof(client->line) - client->len, MSG_DONTWAIT);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
	}
	if (len <= 0) {
		client_close(client);
		return;
	}
	client->len += (size_t)len;
	loop_task_queue(&client->work);
}

static void client_arrived(void *ctx, uint32_t events)
{
	struct client *client = calloc(1, sizeof(*client));
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (!client || fd < 0 ||
	    loop_add_fd(fd, EPOLLIN, client_readable, client)) {
		if (fd >= 0)
			close(fd);
		free(client);
		return;
	}
	client->fd = fd;
	client->work.fn = client_work;
	client->work.ctx = client;
}

/* A socket that an earlier run left behind is in the way. */
static void remove_stale(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

int control_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err;

	if (strlen(path) >= sizeof(address.sun_path)) {
		complain("control socket %s: path too long", path);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	remove_stale(path);
	listen_fd = socket(AF_UNIX,
			   SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listen_fd < 0 ||
	    bind(listen_fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listen_fd, BACKLOG))
		err = -errno;
	else
		err = loop_add_fd(listen_fd, EPOLLIN, client_arrived, NULL);
	if (err)
		complain("control socket %s: %s", path, strerror(-err));
	return err;
}
