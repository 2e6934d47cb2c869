/* The descriptor sits in an epoll instance of the thread, for one event at a time (EPOLLONESHOT):
 * arming it is one system call of the loop's own thread and does not wake ours. The socket sits
 * there too, for its end: closed by the loop or shut down by dbt_doorbell_free, it is what stops
 * the thread. */
#include "http/doorbell.h"

#ifdef __linux__

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char directory_name[] = "/debitura-XXXXXX", socket_name[] = "/bell";

struct dbt_doorbell {
  int descriptor; /* borrowed */
  int beat_ms;
  int epoll, listener, socket; /* -1: none */
  pid_t owner; /* a child after fork has neither the thread nor a say about path and socket */
  bool running;
  pthread_t thread;
  char directory[sizeof((struct sockaddr_un *)0)->sun_path]; /* "": none */
  struct sockaddr_un address;
};

static bool refused(dbt_error *error, const char *what) {
  return dbt_fail(error, DBT_SYSTEM, NULL, "doorbell: %s: %s", what, strerror(errno));
}

static void close_descriptor(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

/* What only the meeting of loop and doorbell needs. */
static void close_entrance(dbt_doorbell *bell) {
  close_descriptor(&bell->listener);
  if (bell->address.sun_path[0] != '\0') unlink(bell->address.sun_path);
  if (bell->directory[0] != '\0') rmdir(bell->directory);
  bell->address.sun_path[0] = bell->directory[0] = '\0';
}

static bool make_directory(dbt_doorbell *bell, dbt_error *error) {
  const char *parent = getenv("TMPDIR");
  if (parent == NULL || *parent == '\0') parent = "/tmp";
  if (strlen(parent) + sizeof directory_name + sizeof socket_name > sizeof bell->directory)
    return dbt_fail(error, DBT_LIMIT, "TMPDIR", "doorbell: the path is too long for a unix socket");
  snprintf(bell->directory, sizeof bell->directory, "%s%s", parent, directory_name);
  if (mkdtemp(bell->directory) != NULL) return true;
  bell->directory[0] = '\0';
  return refused(error, "no temporary directory");
}

static bool listen_there(dbt_doorbell *bell, dbt_error *error) {
  bell->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bell->listener < 0) return refused(error, "no socket");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(bell->directory);
  memcpy(address.sun_path, bell->directory, length);
  memcpy(address.sun_path + length, socket_name, sizeof socket_name);
  if (bind(bell->listener, (struct sockaddr *)&address, sizeof address) != 0)
    return refused(error, "bind");
  bell->address = address;
  return listen(bell->listener, 1) == 0 || refused(error, "listen");
}

static bool watch(dbt_doorbell *bell, int operation, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  return epoll_ctl(bell->epoll, operation, descriptor, &event) == 0;
}

dbt_doorbell *dbt_doorbell_new(int descriptor, int beat_ms, dbt_error *error) {
  dbt_doorbell *bell = calloc(1, sizeof *bell);
  if (bell == NULL) {
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
    return NULL;
  }
  *bell = (dbt_doorbell){.descriptor = descriptor,
                         .beat_ms = beat_ms,
                         .listener = -1,
                         .socket = -1,
                         .owner = getpid()};
  bell->epoll = epoll_create1(EPOLL_CLOEXEC);
  bool made = bell->epoll >= 0 || refused(error, "no epoll");
  made = made && (watch(bell, EPOLL_CTL_ADD, descriptor, 0) ||
                  refused(error, "the descriptor cannot be waited for"));
  if (made && make_directory(bell, error) && listen_there(bell, error)) return bell;
  dbt_doorbell_free(bell);
  return NULL;
}

const char *dbt_doorbell_path(const dbt_doorbell *bell) {
  return bell->address.sun_path;
}

static void *wait_and_ring(void *self) {
  dbt_doorbell *bell = self;
  for (;;) {
    struct epoll_event event;
    int count = epoll_wait(bell->epoll, &event, 1, bell->beat_ms);
    if (count < 0 && errno == EINTR) continue; /* stopped and continued, or traced */
    if (count < 0 || (count > 0 && event.data.fd == bell->socket)) return NULL;
    char byte = count > 0 ? DBT_DOORBELL_READY : DBT_DOORBELL_IDLE;
    /* A full socket is a loop that has enough to read. */
    ssize_t sent = send(bell->socket, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return NULL;
  }
}

static bool is_this_process(int socket) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid();
}

/* Signals are the loop's: the thread is born with all of them masked. */
static int start_masked(dbt_doorbell *bell) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int problem = pthread_create(&bell->thread, NULL, wait_and_ring, bell);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return problem;
}

bool dbt_doorbell_open(dbt_doorbell *bell, dbt_error *error) {
  if (bell->listener < 0) return dbt_fail(error, DBT_ARGUMENT, NULL, "doorbell: opened already");
  bell->socket = accept4(bell->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (bell->socket < 0) refused(error, "the loop has not connected");
  close_entrance(bell);
  if (bell->socket < 0) return false;
  if (!is_this_process(bell->socket))
    return dbt_fail(error, DBT_SYSTEM, NULL, "doorbell: another process has connected");
  if (!watch(bell, EPOLL_CTL_ADD, bell->socket, 0) || !dbt_doorbell_arm(bell, error))
    return refused(error, "the socket cannot be waited for");
  errno = start_masked(bell);
  if (errno != 0) return refused(error, "no thread");
  bell->owner = getpid();
  bell->running = true;
  return true;
}

bool dbt_doorbell_arm(dbt_doorbell *bell, dbt_error *error) {
  return watch(bell, EPOLL_CTL_MOD, bell->descriptor, EPOLLIN | EPOLLONESHOT) ||
         refused(error, "the descriptor is gone");
}

void dbt_doorbell_free(dbt_doorbell *bell) {
  if (bell == NULL) return;
  bool owned = bell->owner == getpid();
  if (bell->running && owned) {
    shutdown(bell->socket, SHUT_RDWR);
    pthread_join(bell->thread, NULL);
  }
  if (owned) close_entrance(bell);
  close_descriptor(&bell->listener);
  close_descriptor(&bell->socket);
  close_descriptor(&bell->epoll);
  free(bell);
}

#else

#include <stddef.h>

static bool missing(dbt_error *error) {
  return dbt_fail(error, DBT_SYSTEM, NULL, "doorbell: this platform has no epoll");
}

dbt_doorbell *dbt_doorbell_new(int descriptor, int beat_ms, dbt_error *error) {
  (void)descriptor;
  (void)beat_ms;
  missing(error);
  return NULL;
}

void dbt_doorbell_free(dbt_doorbell *bell) {
  (void)bell;
}

const char *dbt_doorbell_path(const dbt_doorbell *bell) {
  (void)bell;
  return "";
}

bool dbt_doorbell_open(dbt_doorbell *bell, dbt_error *error) {
  (void)bell;
  return missing(error);
}

bool dbt_doorbell_arm(dbt_doorbell *bell, dbt_error *error) {
  (void)bell;
  return missing(error);
}

#endif
