/* A web server in a thread, for tests in C: /hello is answered, /stall never is, at /close it hangs
 * up. Bodies are swallowed piece by piece. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_CLIENTS = 64 };

typedef struct {
  pthread_t thread;
  int port, stop[2];
  atomic_int connections;                   /* accepted so far */
  struct pollfd polled[SERVER_CLIENTS + 2]; /* the stop pipe, the listener, the clients */
  nfds_t count;
} http_server;

static inline void server_accept(http_server *server) {
  int client = accept4(server->polled[1].fd, NULL, NULL, SOCK_CLOEXEC);
  if (client < 0) return;
  atomic_fetch_add(&server->connections, 1);
  if (server->count == SERVER_CLIENTS + 2)
    close(client);
  else
    server->polled[server->count++] = (struct pollfd){.fd = client, .events = POLLIN};
}

static inline void server_drop(http_server *server, nfds_t index) {
  close(server->polled[index].fd);
  server->polled[index] = server->polled[--server->count];
}

/* The header of a request is small here and comes in one piece. */
static inline void server_answer(http_server *server, nfds_t index) {
  static const char answer[] =
      "HTTP/1.1 200 OK\r\nX-Request-Id: req-1\r\nX-Twice: one\r\nX-Twice: two\r\n"
      "Content-Length: 5\r\n\r\nhello";
  char request[4096] = "";
  ssize_t got = recv(server->polled[index].fd, request, sizeof request - 1, 0);
  if (got <= 0 || strstr(request, " /close ") != NULL)
    server_drop(server, index);
  else if (strstr(request, " HTTP/1.1\r\n") != NULL && strstr(request, " /stall ") == NULL)
    send(server->polled[index].fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
}

static inline void *server_run(void *self) {
  http_server *server = self;
  for (;;) {
    if (poll(server->polled, server->count, -1) < 0) continue;
    if (server->polled[0].revents != 0) return NULL;
    for (nfds_t i = server->count; i-- > 2;)
      if (server->polled[i].revents != 0) server_answer(server, i);
    if (server->polled[1].revents != 0) server_accept(server);
  }
}

static inline bool server_start(http_server *server) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  *server = (http_server){.count = 2};
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0 || pipe(server->stop) != 0)
    return false;
  server->port = ntohs(address.sin_port);
  server->polled[0] = (struct pollfd){.fd = server->stop[0], .events = POLLIN};
  server->polled[1] = (struct pollfd){.fd = listener, .events = POLLIN};
  return pthread_create(&server->thread, NULL, server_run, server) == 0;
}

static inline void server_stop(http_server *server) {
  close(server->stop[1]);
  pthread_join(server->thread, NULL);
  close(server->stop[0]);
  for (nfds_t i = 1; i < server->count; i++)
    close(server->polled[i].fd);
}

#endif
