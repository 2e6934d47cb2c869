/* The poller over one epoll instance that holds libcurl's sockets, a timerfd for libcurl's timeout
 * and an eventfd for wake-ups, so that an engine is one descriptor.
 *
 * Two economies make a request on a kept-alive connection free of system calls beyond its own reads
 * and writes: a socket that libcurl has no interest in for now stays registered until an event
 * without use arrives, and the timerfd is set only when the timeout moves to an earlier time, and
 * only if the caller polls the descriptor. */
#include "http/poller.h"

#ifdef __linux__

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
  EVENTS_PER_STEP = 256, /* more stay ready for the next step */
  TIMERS_PER_STEP = 16   /* libcurl may ask for "now" several times in a row */
};

static const int64_t never = INT64_MAX;

/* What is known of one descriptor. Interests are sets of CURL_POLL_IN and CURL_POLL_OUT. */
typedef struct {
  unsigned char registered, wanted;
  bool owned; /* libcurl will tell when it closes it */
} watch;

typedef struct {
  dbt_poller base;
  CURLM *multi;
  int epoll, timer, event;
  watch *watches; /* by descriptor */
  size_t watch_count;
  int64_t due;   /* when libcurl wants to be called, in microseconds */
  int64_t armed; /* what the timerfd is set to */
  bool watched;  /* the caller asked for the descriptor */
} epoll_poller;

static watch *watch_of(epoll_poller *poller, curl_socket_t socket) {
  size_t index = (size_t)socket;
  if (index >= poller->watch_count) {
    size_t count = (index + 64) / 64 * 2 * 64;
    watch *watches = realloc(poller->watches, count * sizeof *watches);
    if (watches == NULL) return NULL;
    memset(watches + poller->watch_count, 0, (count - poller->watch_count) * sizeof *watches);
    poller->watches = watches;
    poller->watch_count = count;
  }
  return &poller->watches[index];
}

/* Makes epoll's interest what is wanted. */
static bool apply(epoll_poller *poller, curl_socket_t socket, watch *entry) {
  if (entry->registered == entry->wanted) return true;
  struct epoll_event event = {.data.fd = socket};
  if (entry->wanted & CURL_POLL_IN) event.events |= EPOLLIN;
  if (entry->wanted & CURL_POLL_OUT) event.events |= EPOLLOUT;
  int operation = entry->wanted == 0       ? EPOLL_CTL_DEL
                  : entry->registered == 0 ? EPOLL_CTL_ADD
                                           : EPOLL_CTL_MOD;
  if (epoll_ctl(poller->epoll, operation, socket, &event) != 0 && operation != EPOLL_CTL_DEL)
    return false;
  entry->registered = entry->wanted;
  return true;
}

/* CURLMOPT_SOCKETFUNCTION */
static int interest_changed(CURL *easy, curl_socket_t socket, int what, void *poller,
                            void *unused) {
  (void)easy;
  (void)unused;
  watch *entry = watch_of(poller, socket);
  if (entry == NULL) return -1;
  entry->wanted = what == CURL_POLL_REMOVE ? 0 : (unsigned char)what;
  if (entry->wanted == 0 && entry->owned && entry->registered == CURL_POLL_IN) return 0;
  return apply(poller, socket, entry) ? 0 : -1;
}

/* CURLMOPT_TIMERFUNCTION */
static int timeout_changed(CURLM *multi, long timeout_ms, void *self) {
  (void)multi;
  epoll_poller *poller = self;
  poller->due = timeout_ms < 0 ? never : dbt_microseconds() + (int64_t)timeout_ms * 1000;
  return 0;
}

/* A timerfd that goes off too early costs one empty step; setting it anew each time would cost a
 * system call. */
static void arm(epoll_poller *poller) {
  if (!poller->watched || poller->due >= poller->armed) return;
  int64_t due = poller->due > 0 ? poller->due : 1; /* zero would disarm it */
  struct itimerspec when = {
      .it_value = {.tv_sec = (time_t)(due / 1000000), .tv_nsec = (long)(due % 1000000) * 1000}};
  timerfd_settime(poller->timer, TFD_TIMER_ABSTIME, &when, NULL);
  poller->armed = due;
}

static CURLMcode run_timers(epoll_poller *poller) {
  CURLMcode code = CURLM_OK;
  for (int turn = 0; turn < TIMERS_PER_STEP && code == CURLM_OK; turn++) {
    if (poller->due > dbt_microseconds()) break;
    int running;
    poller->due = never;
    code = curl_multi_socket_action(poller->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  return code;
}

static void drain(int descriptor) {
  uint64_t count;
  ssize_t got = read(descriptor, &count, sizeof count);
  (void)got; /* not ready any more: the caller polled twice */
}

static CURLMcode socket_ready(epoll_poller *poller, const struct epoll_event *event) {
  curl_socket_t socket = event->data.fd;
  watch *entry = &poller->watches[socket];
  if (entry->wanted == 0) {
    apply(poller, socket, entry);
    return CURLM_OK;
  }
  int what = 0, running;
  if (event->events & (EPOLLIN | EPOLLHUP)) what |= CURL_CSELECT_IN;
  if (event->events & EPOLLOUT) what |= CURL_CSELECT_OUT;
  if (event->events & EPOLLERR) what |= CURL_CSELECT_ERR;
  return curl_multi_socket_action(poller->multi, socket, what, &running);
}

static int time_to_wait(const epoll_poller *poller, int timeout_ms) {
  if (timeout_ms <= 0 || poller->due == never) return timeout_ms < 0 ? 0 : timeout_ms;
  int64_t left = poller->due - dbt_microseconds();
  if (left <= 0) return 0;
  int64_t rounded = (left + 999) / 1000; /* up: an early wake-up would find nothing due */
  return rounded < timeout_ms ? (int)rounded : timeout_ms;
}

static CURLMcode epoll_step(dbt_poller *base, int timeout_ms) {
  epoll_poller *poller = (epoll_poller *)base;
  struct epoll_event events[EVENTS_PER_STEP];
  int count = epoll_wait(poller->epoll, events, EVENTS_PER_STEP, time_to_wait(poller, timeout_ms));
  CURLMcode code = CURLM_OK;
  for (int i = 0; i < count && code == CURLM_OK; i++) {
    if (events[i].data.fd == poller->timer) {
      drain(poller->timer);
      poller->armed = never;
    } else if (events[i].data.fd == poller->event) {
      drain(poller->event);
    } else {
      code = socket_ready(poller, &events[i]);
    }
  }
  if (code == CURLM_OK) code = run_timers(poller);
  arm(poller);
  return code;
}

static CURLMcode epoll_start(dbt_poller *base) {
  epoll_poller *poller = (epoll_poller *)base;
  CURLMcode code = run_timers(poller);
  arm(poller);
  return code;
}

static int epoll_descriptor(dbt_poller *base) {
  epoll_poller *poller = (epoll_poller *)base;
  poller->watched = true;
  arm(poller);
  return poller->epoll;
}

static void epoll_wake(dbt_poller *base) {
  uint64_t one = 1;
  ssize_t put = write(((epoll_poller *)base)->event, &one, sizeof one);
  (void)put; /* full: it is readable already */
}

static bool epoll_opened(dbt_poller *base, curl_socket_t socket) {
  watch *entry = watch_of((epoll_poller *)base, socket);
  if (entry == NULL) return false;
  *entry = (watch){.owned = true};
  return true;
}

/* Closing takes a socket out of epoll; its number may come back at once as another socket. */
static void epoll_closing(dbt_poller *base, curl_socket_t socket) {
  watch *entry = watch_of((epoll_poller *)base, socket);
  if (entry != NULL) *entry = (watch){.owned = false};
}

static void epoll_close(dbt_poller *base) {
  epoll_poller *poller = (epoll_poller *)base;
  if (poller->event >= 0) close(poller->event);
  if (poller->timer >= 0) close(poller->timer);
  if (poller->epoll >= 0) close(poller->epoll);
  free(poller->watches);
  free(poller);
}

static bool add_own(epoll_poller *poller, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  return descriptor >= 0 && epoll_ctl(poller->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

dbt_poller *dbt_poller_epoll_new(CURLM *multi, dbt_error *error) {
  static const dbt_poller_kind kind = {
      .close = epoll_close,
      .descriptor = epoll_descriptor,
      .step = epoll_step,
      .start = epoll_start,
      .push = epoll_start,
      .wake = epoll_wake,
      .opened = epoll_opened,
      .closing = epoll_closing,
  };
  epoll_poller *poller = calloc(1, sizeof *poller);
  if (poller == NULL) {
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
    return NULL;
  }
  poller->base.kind = &kind;
  poller->multi = multi;
  poller->due = poller->armed = never;
  poller->epoll = epoll_create1(EPOLL_CLOEXEC);
  poller->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  poller->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (poller->epoll < 0 || !add_own(poller, poller->timer) || !add_own(poller, poller->event)) {
    dbt_fail(error, DBT_SYSTEM, NULL, "no descriptors for an engine: %s", strerror(errno));
    epoll_close(&poller->base);
    return NULL;
  }
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, interest_changed);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timeout_changed);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
  return &poller->base;
}

#endif
