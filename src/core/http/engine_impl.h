/* What the engine's files share, and those of mail. */
#ifndef DBT_ENGINE_IMPL_H
#define DBT_ENGINE_IMPL_H

#include <curl/curl.h>
#include <stdint.h>

#include "base/owner.h"
#include "http/base.h"
#include "http/body.h"
#include "http/engine.h"
#include "http/header.h"
#include "http/poller.h"
#include "http/response.h"
#include "http/sockets.h"
#include "http/url.h"

typedef struct dbt_list {
  dbt_transfer *first, *last;
} dbt_list;

enum { DBT_SPARE_MAX = 64 }; /* easy handles kept for reuse; each holds some kilobytes */

typedef struct dbt_mail_job dbt_mail_job;

struct dbt_engine {
  CURLM *multi;
  dbt_poller *poller;
  dbt_sockets sockets;
  bool watched; /* the caller polls the descriptor: it must hear of what happens between steps */
  bool early;   /* a running transfer may be */
  bool stalled; /* a running transfer may be: see dbt_early_push */
  bool lossy;   /* HTTP/2 has cost a request with a body its answer: such ones do without it */
  dbt_owner owner;
  dbt_limits limits;
  char *ca_file, *ca_path, *user_agent, *proxy;
  dbt_list running, finished;
  size_t pending;
  CURL *spare[DBT_SPARE_MAX];
  size_t spare_count;
  dbt_bases bases;
  dbt_mail_job *mails; /* in threads or waiting for one, the oldest first */
  size_t mail_threads, max_mail_threads;
};

typedef enum dbt_state { DBT_RUNNING, DBT_ENDED, DBT_FAILED } dbt_state;

struct dbt_transfer {
  dbt_engine *engine; /* NULL once neither of its lists holds the transfer */
  dbt_list *list;
  dbt_transfer *previous, *next;
  CURL *easy;        /* NULL unless running */
  dbt_mail_job *job; /* instead of an easy handle: a thread carries it out */
  bool plain;        /* set nothing on it beyond what each HTTP transfer sets anew */
  dbt_state state;
  dbt_error error;
  const char *phase;
  bool repeatable; /* may be written a second time, when a kept-alive connection turns out dead */
  int port;        /* the local one of the connection in use */
  bool spoilt;     /* that connection had bytes to read before the request was written */
  long stream;     /* its number on an HTTP/2 connection, 0 before it has one */
  bool refused;    /* the server has declared that it did not process that stream */
  int beginnings;  /* how often it came to the point of being written */
  bool early;      /* its answer had begun when libcurl stopped sending its body */
  bool stalled;    /* it is, and more of its answer may have been read since it was pushed */
  dbt_url_use use;
  dbt_base *base; /* lends the URL, but for its target; or NULL */
  dbt_url url;
  dbt_headers headers;
  struct curl_slist *recipients;
  dbt_body body;
  dbt_reception reception;
  dbt_response response;
  dbt_limits limits;
  int64_t submitted,
      sent_at; /* microseconds; sent_at: when libcurl was about to write the request, or 0 */
  char detail[CURL_ERROR_SIZE];
};

/* Sets on an easy handle what is the same for all HTTP transfers of an engine. */
bool dbt_transfer_prepare(CURL *easy, dbt_engine *engine);
/* A transfer without an easy handle. */
dbt_transfer *dbt_transfer_blank(dbt_engine *engine, dbt_url_use use, const dbt_limits *limits,
                                 dbt_error *error);
/* A transfer with an easy handle that lacks only the options of its protocol and method. */
dbt_transfer *dbt_transfer_new(dbt_engine *engine, const char *url, dbt_url_use use,
                               const dbt_limits *limits, dbt_error *error);
/* Reads off the easy handle what became of a transfer; changes nothing but the transfer. */
dbt_state dbt_transfer_conclude(dbt_transfer *transfer, CURLcode result);
/* Ends a running transfer with what became of another. */
void dbt_transfer_adopt(dbt_transfer *transfer, dbt_transfer *concluded);
/* Ends a running transfer with libcurl's result and releases what only a running one needs. */
void dbt_transfer_settle(dbt_transfer *transfer, CURLcode result);
/* Whether the server has declared so. */
bool dbt_transfer_is_unprocessed(const dbt_transfer *transfer);
/* Prepares a failed transfer to be handed to libcurl once more, of which the server has processed
   nothing; false when there is no such certainty or no use in it. */
bool dbt_transfer_renew(dbt_transfer *transfer);
/* Ends a running transfer for a reason of our own. */
void dbt_transfer_abort(dbt_transfer *transfer, dbt_code code, const char *message);

/* Hands a prepared transfer to libcurl. On failure frees it. */
dbt_transfer *dbt_engine_start(dbt_engine *engine, dbt_transfer *transfer, dbt_error *error);
/* Counts a transfer among those under way. */
void dbt_engine_accept(dbt_engine *engine, dbt_transfer *transfer);
/* A prepared easy handle, or NULL when memory is short: one that was used before, or a new one. */
CURL *dbt_engine_take(dbt_engine *engine);
CURL *dbt_engine_make(dbt_engine *engine);
/* Takes it back, out of the multi handle if it is there. A plain one needs no reset,
 * see dbt_transfer. */
void dbt_engine_release(dbt_engine *engine, CURL *easy, bool plain);
bool dbt_engine_is_owner(const dbt_engine *engine, dbt_error *error);

/* Mails in threads. Starts what a complete inner transfer is for and gives the outer one; on
 * failure frees it. */
dbt_transfer *dbt_mail_start(dbt_engine *engine, dbt_transfer *inner, dbt_error *error);
/* Ends those whose threads have ended, and starts those that waited for one. */
void dbt_mail_move(dbt_engine *engine);
/* The caller has given up this outer transfer. */
void dbt_mail_abandon(dbt_transfer *outer);
/* Ends all of them, which may take a second. */
void dbt_mail_end(dbt_engine *engine);

void dbt_list_push(dbt_list *list, dbt_transfer *transfer);
void dbt_list_remove(dbt_transfer *transfer);

/* Lets libcurl tell, when `watched`, which requests the server has declared unprocessed. */
void dbt_refusals_watch(dbt_transfer *transfer, bool watched);

/* Answers that come before their request was sent. Notes one in a text of libcurl. */
void dbt_early_read(dbt_transfer *transfer, const char *text);
/* Notes that a transfer has read from its connection, for itself or others. */
void dbt_early_came_in(const dbt_transfer *transfer);
/* Lets libcurl look for an answer that it would wait for in vain; whether there was one. */
bool dbt_early_push(dbt_engine *engine);
/* Whether not all of the request's body was sent. */
bool dbt_early_is_partly_sent(const dbt_transfer *transfer);
/* Whether a transfer failed when the answer was there, and only the request was not all sent. */
bool dbt_early_is_answered(const dbt_transfer *transfer, CURLcode result);
/* Whether libcurl has dropped the answer, or some of it. */
bool dbt_early_is_lost(const dbt_transfer *transfer, CURLcode result);

/* Says what libcurl's result means for the caller. */
void dbt_outcome_describe(dbt_transfer *transfer, CURLcode result);
/* Says that the system refused a descriptor; `reason` is its errno. */
void dbt_outcome_no_descriptor(dbt_transfer *transfer, int reason);
const char *dbt_outcome_phase(const dbt_transfer *transfer);

#endif
