#include "check.h"
#include "mail/mail.h"
#include "smtp_server.h"
#include "starve.h"

#include <curl/curl.h>
#include <stdio.h>
#include <sys/wait.h>

enum {
  PATIENCE = 20 * 1000,
  STARVED_PATIENCE = 500 /* libcurl 7.88 waits in vain when one of its allocations for SMTP fails */
};

static const char text[] = "Subject: sample\r\n\r\n.\r\nsample\r\n";

static smtp_server server;
static bool portable; /* which kind of engine the tests make */

static dbt_engine *make_engine(long max_connections) {
  dbt_engine_options options = dbt_engine_options_default();
  options.portable = portable;
  options.max_connections = max_connections;
  return dbt_engine_new(&options, NULL);
}

static dbt_transfer *send_to(dbt_engine *engine, const char *recipient, dbt_error *error) {
  char url[64];
  snprintf(url, sizeof url, "smtp://127.0.0.1:%d", server.port);
  dbt_mail mail = {.url = url,
                   .from = "sample@sender.example",
                   .to = &recipient,
                   .to_count = 1,
                   .message = {.bytes = text, .length = sizeof text - 1},
                   .limits = *dbt_engine_limits(engine)};
  if (starve_left >= 0) mail.limits.timeout_ms = STARVED_PATIENCE;
  return dbt_engine_submit_mail(engine, &mail, error);
}

static void finish(dbt_engine *engine, const dbt_transfer *transfer) {
  while (!dbt_transfer_done(transfer) && dbt_engine_wait(engine, PATIENCE, NULL))
    continue;
}

/* A mail whose message the server has and does not answer. */
static dbt_transfer *send_in_vain(dbt_engine *engine) {
  int before = atomic_load(&server.messages);
  dbt_transfer *transfer = send_to(engine, "one@silent.example", NULL);
  while (transfer != NULL && atomic_load(&server.messages) == before)
    dbt_engine_wait(engine, 1, NULL);
  return transfer;
}

static void a_mail_is_taken(void) {
  dbt_engine *engine = make_engine(4);
  dbt_transfer *transfer = send_to(engine, "one@receiver.example", NULL);
  CHECK(transfer != NULL && dbt_engine_pending(engine) == 1);
  finish(engine, transfer);
  const dbt_response *response = dbt_transfer_response(transfer);
  CHECK(response != NULL && response->status == 250);
  CHECK(dbt_transfer_sent(transfer) && dbt_engine_pending(engine) == 0);
  CHECK(dbt_engine_finished(engine) == transfer && dbt_engine_finished(engine) == NULL);
  dbt_transfer_free(transfer);
  dbt_engine_free(engine);
}

static void a_greeting_sends_nothing(void) {
  dbt_engine *engine = make_engine(4);
  char url[64];
  snprintf(url, sizeof url, "smtp://127.0.0.1:%d", server.port);
  int before = atomic_load(&server.messages);
  dbt_mail greeting = {.url = url, .greeting = true, .limits = *dbt_engine_limits(engine)};
  dbt_transfer *transfer = dbt_engine_submit_mail(engine, &greeting, NULL);
  CHECK(transfer != NULL);
  finish(engine, transfer);
  CHECK(dbt_transfer_response(transfer) != NULL);
  CHECK(atomic_load(&server.messages) == before);
  dbt_transfer_free(transfer);
  dbt_engine_free(engine);
}

static void a_refusal_has_its_code(void) {
  dbt_engine *engine = make_engine(4);
  dbt_transfer *transfer = send_to(engine, "one@refused.example", NULL);
  finish(engine, transfer);
  CHECK(dbt_transfer_response(transfer) == NULL);
  CHECK(dbt_transfer_error(transfer)->code == DBT_TRANSPORT && dbt_transfer_reply(transfer) == 550);
  dbt_transfer_free(transfer);
  dbt_engine_free(engine);
}

static void a_silent_server_holds_nobody_up(void) {
  dbt_engine *engine = make_engine(4);
  dbt_transfer *held = send_in_vain(engine), *other = send_to(engine, "one@receiver.example", NULL);
  finish(engine, other);
  CHECK(dbt_transfer_response(other) != NULL && !dbt_transfer_done(held));
  dbt_transfer_cancel(held);
  CHECK(dbt_transfer_error(held)->code == DBT_CANCELLED && dbt_transfer_sent(held));
  CHECK(dbt_engine_pending(engine) == 0);
  dbt_transfer_free(held);
  dbt_transfer_free(other);
  smtp_hang_up(&server);
  dbt_engine_free(engine);
}

static void they_wait_for_a_thread(void) {
  enum { MAILS = 5 };
  dbt_engine *engine = make_engine(1);
  dbt_transfer *transfers[MAILS];
  for (int i = 0; i < MAILS; i++)
    transfers[i] = send_to(engine, "one@receiver.example", NULL);
  for (int i = 0; i < MAILS; i++) {
    finish(engine, transfers[i]);
    CHECK(dbt_transfer_response(transfers[i]) != NULL);
    dbt_transfer_free(transfers[i]);
  }
  dbt_engine_free(engine);
}

static void freed_in_any_order(void) {
  for (int engine_first = 0; engine_first < 2; engine_first++) {
    dbt_engine *engine = make_engine(1);
    dbt_transfer *held = send_in_vain(engine),
                 *waiting = send_to(engine, "one@receiver.example", NULL);
    if (engine_first) dbt_engine_free(engine);
    if (engine_first) CHECK(dbt_transfer_error(waiting)->code == DBT_CANCELLED);
    dbt_transfer_free(waiting);
    dbt_transfer_free(held);
    if (engine_first) continue;
    CHECK(dbt_engine_pending(engine) == 0);
    smtp_hang_up(&server); /* else its thread would notice within a second only */
    dbt_engine_free(engine);
  }
}

/* The thread that carries the mail is the parent's alone. */
static void child_leaves_it_alone(void) {
  dbt_engine *engine = make_engine(4);
  dbt_transfer *held = send_in_vain(engine);
  pid_t child = fork();
  if (child == 0) {
    dbt_error error = {.code = DBT_OK};
    bool refused =
        send_to(engine, "one@receiver.example", &error) == NULL && error.code == DBT_SYSTEM;
    dbt_transfer_free(held);
    dbt_engine_free(engine);
    /* A program in its place, because a leak checker would mind what the parent's thread holds. */
    execlp(refused ? "true" : "false", refused ? "true" : "false", (char *)NULL);
    _exit(1);
  }
  int status = -1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  CHECK(!dbt_transfer_done(held));
  smtp_hang_up(&server);
  finish(engine, held);
  CHECK(dbt_transfer_error(held)->code == DBT_TRANSPORT && dbt_transfer_sent(held));
  dbt_transfer_free(held);
  dbt_engine_free(engine);
}

static void no_memory_is_survived(void) {
  int failures = 0;
  STARVE_EACH_ALLOCATION(round) {
    dbt_error error = {.code = DBT_OK};
    dbt_engine *engine = make_engine(4);
    if (engine == NULL) {
      failures++;
      continue;
    }
    dbt_transfer *transfer = send_to(engine, "one@receiver.example", &error);
    if (transfer != NULL) finish(engine, transfer);
    if (transfer == NULL ? error.code != DBT_OK : dbt_transfer_response(transfer) == NULL)
      failures++;
    dbt_transfer_free(transfer);
    dbt_engine_free(engine);
  }
  CHECK(failures > 0);
}

static void run_some(void) {
  TEST("a mail is taken, and its server's reply code known", a_mail_is_taken);
  TEST("a server that does not answer holds up neither others nor its own cancelling",
       a_silent_server_holds_nobody_up);
}

int main(void) {
  starve_curl();
  if (!smtp_start(&server)) return 1;
  run_some();
  TEST("a greeting sends nothing", a_greeting_sends_nothing);
  TEST("a refused mail fails with the server's reply code", a_refusal_has_its_code);
  TEST("more mails than threads have their turns", they_wait_for_a_thread);
  TEST("engine and mails may be freed in any order while they are under way", freed_in_any_order);
  TEST("after fork the child is refused and the parent's mail goes on", child_leaves_it_alone);
  TEST("each allocation of libcurl may fail", no_memory_is_survived);
  portable = true;
  run_some();
  smtp_stop(&server);
  curl_global_cleanup();
  return check_summary();
}
