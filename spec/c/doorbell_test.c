#include "check.h"
#include "http/doorbell.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_BEAT = 3600 * 1000, PATIENCE = 20 * 1000 };

/* A doorbell for an eventfd, and the loop's end of its socket. */
typedef struct {
  int event, loop;
  dbt_doorbell *bell;
} scene;

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int loop = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(loop, (struct sockaddr *)&address, sizeof address) == 0) return loop;
  close(loop);
  return -1;
}

static scene start(int beat_ms) {
  scene s = {.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .loop = -1};
  s.bell = dbt_doorbell_new(s.event, beat_ms, NULL);
  if (s.bell != NULL) s.loop = connect_to(dbt_doorbell_path(s.bell));
  CHECK(s.loop >= 0);
  CHECK(dbt_doorbell_open(s.bell, NULL));
  return s;
}

static void stop(scene *s) {
  dbt_doorbell_free(s->bell);
  close(s->loop);
  close(s->event);
}

static void make_ready(scene *s) {
  uint64_t one = 1;
  CHECK(write(s->event, &one, sizeof one) == sizeof one);
}

static void make_quiet(scene *s) {
  uint64_t count;
  CHECK(read(s->event, &count, sizeof count) == sizeof count);
}

/* The next byte, 0 at the end of the socket, -1 when none came. */
static int heard(scene *s) {
  struct pollfd loop = {.fd = s->loop, .events = POLLIN};
  char byte;
  if (poll(&loop, 1, PATIENCE) != 1) return -1;
  return read(s->loop, &byte, 1) == 1 ? byte : 0;
}

static bool silent(const scene *s) {
  struct pollfd loop = {.fd = s->loop, .events = POLLIN};
  return poll(&loop, 1, 0) == 0;
}

static int open_descriptors(void) {
  int count = 0;
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) return -1;
  while (readdir(directory) != NULL)
    count++;
  closedir(directory);
  return count;
}

static void rings_when_readable(void) {
  scene s = start(LONG_BEAT);
  make_ready(&s);
  CHECK(heard(&s) == DBT_DOORBELL_READY);
  stop(&s);
}

static void rings_once_until_armed(void) {
  scene s = start(LONG_BEAT);
  for (int turn = 0; turn < 1000; turn++) {
    make_ready(&s);
    CHECK(heard(&s) == DBT_DOORBELL_READY);
    CHECK(silent(&s));
    make_quiet(&s);
    CHECK(dbt_doorbell_arm(s.bell, NULL));
  }
  CHECK(silent(&s));
  stop(&s);
}

static void rings_again_for_what_was_left(void) {
  scene s = start(LONG_BEAT);
  make_ready(&s);
  CHECK(heard(&s) == DBT_DOORBELL_READY);
  CHECK(dbt_doorbell_arm(s.bell, NULL));
  CHECK(heard(&s) == DBT_DOORBELL_READY);
  stop(&s);
}

static void tells_of_silence(void) {
  scene s = start(1);
  CHECK(heard(&s) == DBT_DOORBELL_IDLE);
  CHECK(heard(&s) == DBT_DOORBELL_IDLE);
  stop(&s);
}

static void a_loop_that_does_not_read_fills_only_its_socket(void) {
  scene s = start(LONG_BEAT);
  /* The socket is full after some hundred unread bytes; the thread must live on. */
  for (int turn = 0; turn < 10000; turn++) {
    make_ready(&s);
    CHECK(dbt_doorbell_arm(s.bell, NULL));
  }
  while (!silent(&s))
    CHECK(heard(&s) == DBT_DOORBELL_READY);
  make_quiet(&s);
  CHECK(dbt_doorbell_arm(s.bell, NULL));
  while (!silent(&s))
    heard(&s);
  make_ready(&s);
  CHECK(heard(&s) == DBT_DOORBELL_READY);
  stop(&s);
}

static void freeing_ends_the_socket(void) {
  scene s = start(LONG_BEAT);
  dbt_doorbell_free(s.bell);
  s.bell = NULL;
  CHECK(heard(&s) == 0);
  stop(&s);
}

static void a_loop_that_goes_away_is_survived(void) {
  scene s = start(LONG_BEAT);
  close(s.loop);
  make_ready(&s);
  s.loop = -1;
  dbt_doorbell_free(s.bell);
  close(s.event);
}

static void a_descriptor_that_was_closed_cannot_be_armed(void) {
  scene s = start(LONG_BEAT);
  close(s.event);
  dbt_error error = {0};
  CHECK(!dbt_doorbell_arm(s.bell, &error));
  CHECK(error.code == DBT_SYSTEM);
  s.event = -1;
  stop(&s);
}

static void nothing_is_left_behind(void) {
  scene first = start(LONG_BEAT); /* the sanitizer's own descriptors, too */
  stop(&first);
  int before = open_descriptors();
  for (int turn = 0; turn < 100; turn++) {
    scene s = start(LONG_BEAT);
    make_ready(&s);
    stop(&s);
  }
  CHECK(open_descriptors() == before);
}

static void the_path_is_private_and_goes_when_opened(void) {
  int event = eventfd(0, EFD_CLOEXEC);
  dbt_doorbell *bell = dbt_doorbell_new(event, LONG_BEAT, NULL);
  CHECK(bell != NULL);
  char directory[sizeof((struct sockaddr_un *)0)->sun_path];
  snprintf(directory, sizeof directory, "%s", dbt_doorbell_path(bell));
  *strrchr(directory, '/') = '\0';
  struct stat status;
  CHECK(stat(directory, &status) == 0 && (status.st_mode & 0777) == 0700);
  int loop = connect_to(dbt_doorbell_path(bell));
  CHECK(dbt_doorbell_open(bell, NULL));
  CHECK(stat(directory, &status) != 0);
  CHECK_TEXT(dbt_doorbell_path(bell), "");
  dbt_error error = {0};
  CHECK(!dbt_doorbell_open(bell, &error));
  CHECK(error.code == DBT_ARGUMENT);
  dbt_doorbell_free(bell);
  close(loop);
  close(event);
}

static void nobody_there_is_a_failure(void) {
  int event = eventfd(0, EFD_CLOEXEC);
  dbt_doorbell *bell = dbt_doorbell_new(event, LONG_BEAT, NULL);
  char directory[sizeof((struct sockaddr_un *)0)->sun_path];
  snprintf(directory, sizeof directory, "%s", dbt_doorbell_path(bell));
  *strrchr(directory, '/') = '\0';
  dbt_error error = {0};
  CHECK(!dbt_doorbell_open(bell, &error));
  CHECK(error.code == DBT_SYSTEM);
  struct stat status;
  CHECK(stat(directory, &status) != 0);
  dbt_doorbell_free(bell);
  close(event);
}

static void another_process_is_not_let_in(void) {
  int event = eventfd(0, EFD_CLOEXEC);
  dbt_doorbell *bell = dbt_doorbell_new(event, LONG_BEAT, NULL);
  pid_t child = fork();
  if (child == 0) {
    bool connected = connect_to(dbt_doorbell_path(bell)) >= 0;
    dbt_doorbell_free(bell);
    _exit(connected ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  dbt_error error = {0};
  CHECK(!dbt_doorbell_open(bell, &error));
  CHECK_TEXT(error.message, "doorbell: another process has connected");
  dbt_doorbell_free(bell);
  close(event);
}

static void what_cannot_be_waited_for_is_refused(void) {
  dbt_error error = {0};
  int before = open_descriptors();
  CHECK(dbt_doorbell_new(-1, LONG_BEAT, &error) == NULL);
  CHECK(error.code == DBT_SYSTEM);
  CHECK(open_descriptors() == before);
}

static void a_directory_that_cannot_serve_is_refused(void) {
  char kept[256] = "";
  if (getenv("TMPDIR") != NULL) snprintf(kept, sizeof kept, "%s", getenv("TMPDIR"));
  int event = eventfd(0, EFD_CLOEXEC);
  char parent[201];
  memset(parent, 'x', sizeof parent - 1);
  parent[sizeof parent - 1] = '\0';
  setenv("TMPDIR", parent, 1);
  dbt_error error = {0};
  CHECK(dbt_doorbell_new(event, LONG_BEAT, &error) == NULL);
  CHECK(error.code == DBT_LIMIT);
  setenv("TMPDIR", "/nonexistent", 1);
  error = (dbt_error){0};
  CHECK(dbt_doorbell_new(event, LONG_BEAT, &error) == NULL);
  CHECK(error.code == DBT_SYSTEM);
  if (kept[0] != '\0')
    setenv("TMPDIR", kept, 1);
  else
    unsetenv("TMPDIR");
  close(event);
}

static volatile sig_atomic_t signalled;
static void note_signal(int number) {
  signalled = number;
}

/* With the signal blocked in the main thread too, a thread that did not mask it would take it
 * at once. */
static void signals_stay_with_the_loop(void) {
  sigset_t usr1, before, pending;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  scene s = start(1);
  CHECK(heard(&s) == DBT_DOORBELL_IDLE);
  pthread_sigmask(SIG_BLOCK, &usr1, &before);
  void (*previous)(int) = signal(SIGUSR1, note_signal);
  signalled = 0;
  kill(getpid(), SIGUSR1);
  CHECK(heard(&s) == DBT_DOORBELL_IDLE);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
  CHECK(signalled == 0);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  CHECK(signalled == SIGUSR1);
  signal(SIGUSR1, previous);
  stop(&s);
}

/* The child has no thread to wait for, and the socket is still the parent's. */
static void a_child_leaves_it_alone(void) {
  scene s = start(LONG_BEAT);
  dbt_doorbell *closed = dbt_doorbell_new(s.event, LONG_BEAT, NULL);
  CHECK(closed != NULL);
  pid_t child = fork();
  if (child == 0) {
    dbt_doorbell_free(s.bell);
    dbt_doorbell_free(closed);
    _exit(0);
  }
  int status = -1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  CHECK(silent(&s));
  make_ready(&s);
  CHECK(heard(&s) == DBT_DOORBELL_READY);
  CHECK(access(dbt_doorbell_path(closed), F_OK) == 0);
  dbt_doorbell_free(closed);
  stop(&s);
}

static void freeing_nothing_is_harmless(void) {
  dbt_doorbell_free(NULL);
}

int main(void) {
  TEST("it rings when the descriptor is readable", rings_when_readable);
  TEST("it rings once, and again only after it was armed", rings_once_until_armed);
  TEST("armed while the descriptor is still readable it rings again",
       rings_again_for_what_was_left);
  TEST("it tells of silence after each beat", tells_of_silence);
  TEST("a loop that does not read fills only its own socket",
       a_loop_that_does_not_read_fills_only_its_socket);
  TEST("freeing it ends the loop's socket", freeing_ends_the_socket);
  TEST("a loop that goes away is survived", a_loop_that_goes_away_is_survived);
  TEST("a descriptor that was closed cannot be armed",
       a_descriptor_that_was_closed_cannot_be_armed);
  TEST("a hundred doorbells leave no descriptor behind", nothing_is_left_behind);
  TEST("the path is private and gone once it is open", the_path_is_private_and_goes_when_opened);
  TEST("opening it with nobody connected fails and leaves no directory", nobody_there_is_a_failure);
  TEST("another process is not let in", another_process_is_not_let_in);
  TEST("what cannot be waited for is refused", what_cannot_be_waited_for_is_refused);
  TEST("a temporary directory that cannot serve is refused",
       a_directory_that_cannot_serve_is_refused);
  TEST("signals stay with the loop's own thread", signals_stay_with_the_loop);
  TEST("a child after fork can let go of it, and the parent's goes on ringing",
       a_child_leaves_it_alone);
  TEST("freeing nothing is harmless", freeing_nothing_is_harmless);
  return check_summary();
}
