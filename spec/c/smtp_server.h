/* A mail server in a thread, for tests without Lua: takes every mail, but refuses recipients at
 * refused.example and never answers a message to silent.example. */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SMTP_CLIENTS = 16 };

typedef struct {
  char text[1024]; /* what came since the last whole line */
  size_t length;
  bool in_message, silent;
} smtp_client;

typedef struct {
  pthread_t thread;
  int port, control[2];                   /* a byte: hang up on everybody; its end: stop */
  atomic_int messages;                    /* received whole, answered or not */
  struct pollfd polled[SMTP_CLIENTS + 2]; /* the control pipe, the listener, the clients */
  smtp_client clients[SMTP_CLIENTS + 2];
  nfds_t count;
} smtp_server;

static inline void smtp_say(const smtp_server *server, nfds_t index, const char *line) {
  send(server->polled[index].fd, line, strlen(line), MSG_NOSIGNAL);
}

static inline void smtp_accept(smtp_server *server) {
  int fd = accept4(server->polled[1].fd, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  if (server->count == SMTP_CLIENTS + 2) {
    close(fd);
    return;
  }
  server->clients[server->count] = (smtp_client){.length = 0};
  server->polled[server->count] = (struct pollfd){.fd = fd, .events = POLLIN};
  smtp_say(server, server->count++, "220 sample\r\n");
}

static inline void smtp_drop(smtp_server *server, nfds_t index) {
  close(server->polled[index].fd);
  server->polled[index] = server->polled[--server->count];
  server->clients[index] = server->clients[server->count];
}

static inline void smtp_take_line(smtp_server *server, nfds_t index, const char *line) {
  smtp_client *client = &server->clients[index];
  const char *reply = "250 ok\r\n";
  if (client->in_message) {
    client->in_message = strcmp(line, ".") != 0;
    if (client->in_message) return;
    atomic_fetch_add(&server->messages, 1);
    if (client->silent) return;
  } else if (strcmp(line, "QUIT") == 0) {
    reply = "221 bye\r\n";
  } else if (strcmp(line, "DATA") == 0) {
    client->in_message = true;
    reply = "354 go on\r\n";
  } else if (strstr(line, "@silent.example") != NULL) {
    client->silent = true;
  } else if (strstr(line, "@refused.example") != NULL) {
    reply = "550 nobody there\r\n";
  }
  smtp_say(server, index, reply);
}

static inline void smtp_listen_to(smtp_server *server, nfds_t index) {
  smtp_client *client = &server->clients[index];
  ssize_t got = recv(server->polled[index].fd, client->text + client->length,
                     sizeof client->text - 1 - client->length, 0);
  if (got <= 0) {
    smtp_drop(server, index);
    return;
  }
  client->length += (size_t)got;
  client->text[client->length] = '\0';
  for (char *end; (end = strstr(client->text, "\r\n")) != NULL;) {
    *end = '\0';
    smtp_take_line(server, index, client->text);
    client->length -= (size_t)(end + 2 - client->text);
    memmove(client->text, end + 2, client->length + 1);
  }
}

static inline void *smtp_run(void *self) {
  smtp_server *server = self;
  for (;;) {
    if (poll(server->polled, server->count, -1) < 0) continue;
    char byte;
    if (server->polled[0].revents != 0) {
      if (read(server->control[0], &byte, 1) != 1) return NULL;
      while (server->count > 2)
        smtp_drop(server, 2);
    }
    for (nfds_t i = server->count; i-- > 2;)
      if (server->polled[i].revents != 0) smtp_listen_to(server, i);
    if (server->polled[1].revents != 0) smtp_accept(server);
  }
}

static inline bool smtp_start(smtp_server *server) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  *server = (smtp_server){.count = 2};
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0 || pipe(server->control) != 0)
    return false;
  server->port = ntohs(address.sin_port);
  server->polled[0] = (struct pollfd){.fd = server->control[0], .events = POLLIN};
  server->polled[1] = (struct pollfd){.fd = listener, .events = POLLIN};
  return pthread_create(&server->thread, NULL, smtp_run, server) == 0;
}

static inline void smtp_hang_up(smtp_server *server) {
  ssize_t written = write(server->control[1], "", 1);
  (void)written;
}

static inline void smtp_stop(smtp_server *server) {
  close(server->control[1]);
  pthread_join(server->thread, NULL);
  close(server->control[0]);
  for (nfds_t i = 1; i < server->count; i++)
    close(server->polled[i].fd);
}

#endif
