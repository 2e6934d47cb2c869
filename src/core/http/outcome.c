/* What libcurl's result codes mean for the caller: a code, a sentence that helps, and where
 * it happened. */
#include "http/engine_impl.h"

#include <errno.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* CURLE_TOO_LARGE, which has a name from libcurl 8.6 on. */
static const int too_large = 100;

const char *dbt_outcome_phase(const dbt_transfer *transfer) {
  CURL *easy = transfer->easy;
  if (transfer->sent_at == 0) {
    curl_off_t lookup = 0;
    long connections = 0;
    curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &lookup);
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS,
                      &connections); /* counted before TLS, unlike the time */
    return lookup == 0 ? "dns" : connections == 0 ? "connect" : "tls";
  }
  if (transfer->reception.header_bytes > 0) return "receive";
  return dbt_early_is_partly_sent(transfer) ? "send" : "wait";
}

static void describe_timeout(dbt_transfer *transfer, dbt_error *error) {
  const char *host = transfer->url.host;
  const dbt_limits *limits = &transfer->limits;
  /* libcurl's clock may be a millisecond ahead. */
  int64_t left = (int64_t)limits->timeout_ms * 1000 - (dbt_microseconds() - transfer->submitted);
  if (transfer->sent_at != 0 || left <= 1000)
    dbt_fail(error, DBT_TIMEOUT, "timeout", "%.100s: %s within %g s (timeout)", host,
             transfer->reception.headers_ended && dbt_early_is_partly_sent(transfer)
                 ? "the server answered, and did not take the whole request"
                 : "no complete answer",
             (double)limits->timeout_ms / 1000);
  else
    dbt_fail(error, DBT_TIMEOUT, "connect_timeout",
             "%.100s: no connection within %g s (connect_timeout)", host,
             (double)limits->connect_timeout_ms / 1000);
}

/* OpenSSL judges the chain during the handshake; libcurl the name after it, and OpenSSL's verdict
 * is then unset. */
static void describe_certificate(dbt_transfer *transfer, dbt_error *error) {
  long verdict = X509_V_OK;
  curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
  bool judged = verdict != X509_V_OK && verdict != X509_V_ERR_UNSPECIFIED;
  dbt_fail(error, DBT_TRANSPORT, NULL, "%.100s: its certificate is not trusted: %s",
           transfer->url.host,
           judged ? X509_verify_cert_error_string(verdict) : "it is for another host");
}

typedef struct {
  CURLcode result;
  dbt_code code;
  const char *phrase;
  bool detailed; /* libcurl's own words say more */
} meaning;

static const meaning meanings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, DBT_TRANSPORT, "the host name cannot be resolved", false},
    {CURLE_COULDNT_RESOLVE_PROXY, DBT_TRANSPORT, "the name of the proxy cannot be resolved", false},
    {CURLE_SSL_CONNECT_ERROR, DBT_TRANSPORT, "the TLS handshake failed", true},
    {CURLE_SSL_CACERT_BADFILE, DBT_SYSTEM,
     "the file or directory of trusted certificates cannot be read", false},
    {CURLE_GOT_NOTHING, DBT_TRANSPORT, "the connection was closed without an answer", false},
    {CURLE_PARTIAL_FILE, DBT_TRANSPORT, "the connection was closed in the middle of the answer",
     false},
    {CURLE_SEND_ERROR, DBT_TRANSPORT, "the connection broke while sending", true},
    {CURLE_RECV_ERROR, DBT_TRANSPORT, "the connection broke while receiving", true},
    {CURLE_BAD_CONTENT_ENCODING, DBT_TRANSPORT, "the answer cannot be decompressed", false},
    {CURLE_UNSUPPORTED_PROTOCOL, DBT_TRANSPORT, "the answer is not HTTP", false},
    {CURLE_WEIRD_SERVER_REPLY, DBT_TRANSPORT, "the answer is not HTTP", false},
    {CURLE_LOGIN_DENIED, DBT_TRANSPORT, "the server refused user name or password", false},
    {CURLE_USE_SSL_FAILED, DBT_TRANSPORT, "the server offers no TLS", false},
};

/* libcurl's words may quote the peer: only what prints is kept. */
static void clean(char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f) *text = '?';
}

void dbt_outcome_no_descriptor(dbt_transfer *transfer, int reason) {
  dbt_fail(&transfer->error, DBT_SYSTEM, NULL, "%.100s: no descriptor left for a connection: %s",
           transfer->url.host, strerror(reason));
}

/* libcurl, its resolver and OpenSSL each say something else when no descriptor is left. */
static bool lacks_descriptors(dbt_transfer *transfer) {
  if (transfer->sent_at != 0) return false;
  int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int reason = errno;
  if (probe >= 0) close(probe);
  if (probe >= 0 || (reason != EMFILE && reason != ENFILE)) return false;
  dbt_outcome_no_descriptor(transfer, reason);
  return true;
}

static void describe_connect(dbt_transfer *transfer, dbt_error *error) {
  long reason = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &reason);
  dbt_fail(error, DBT_TRANSPORT, NULL, "%.100s: no connection%s%s", transfer->url.host,
           reason != 0 ? ": " : "", reason != 0 ? strerror((int)reason) : "");
}

static void describe_memory(dbt_transfer *transfer, dbt_error *error) {
  /* What libcurl 7.88 says of a single header line over its own bound of 100 kB. */
  if (transfer->use == DBT_URL_HTTP && transfer->sent_at != 0 && !transfer->reception.headers_ended)
    dbt_fail(error, DBT_LIMIT, "max_header_bytes",
             "the answer's header is larger than %zu bytes (max_header_bytes)",
             transfer->limits.max_header_bytes);
  else
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
}

static void describe_other(dbt_transfer *transfer, CURLcode result, dbt_error *error) {
  meaning found = {result, DBT_TRANSPORT, curl_easy_strerror(result), true};
  for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
    if (meanings[i].result == result) found = meanings[i];
  bool detailed = found.detailed && transfer->detail[0] != '\0';
  clean(transfer->detail);
  dbt_fail(error, found.code, NULL, "%.100s: %s%s%.90s", transfer->url.host, found.phrase,
           detailed ? ": " : "", detailed ? transfer->detail : "");
}

/* libcurl calls what a mail server says no to a broken connection, or a strange reply. */
static bool refused_mail(const dbt_transfer *transfer, CURLcode result) {
  return transfer->use == DBT_URL_MAIL && transfer->response.status >= 400 &&
         result != CURLE_LOGIN_DENIED;
}

/* Told by nothing but libcurl's own words, "RCPT failed: 550". */
static bool refused_recipient(const dbt_transfer *transfer) {
  return strncmp(transfer->detail, "RCPT failed", 11) == 0;
}

/* A refused password leaves its own code behind; without one, nothing was tried. */
static bool has_no_mechanism(const dbt_transfer *transfer, CURLcode result) {
  return transfer->use == DBT_URL_MAIL && result == CURLE_LOGIN_DENIED &&
         transfer->response.status < 400;
}

static void describe_failure(dbt_transfer *transfer, CURLcode result, dbt_error *error) {
  if (dbt_transfer_is_unprocessed(transfer))
    dbt_fail(error, DBT_TRANSPORT, NULL,
             "%.100s: the server did not process the request (HTTP/2 GOAWAY or REFUSED_STREAM), "
             "which was begun %d times",
             transfer->url.host, transfer->beginnings);
  else if (dbt_early_is_lost(transfer, result))
    dbt_fail(error, DBT_TRANSPORT, NULL,
             "%.100s: the server answered before it had the whole request, and libcurl lost the "
             "answer (HTTP/2); the next ones of this kind use HTTP/1.1",
             transfer->url.host);
  else if (result == CURLE_OPERATION_TIMEDOUT)
    describe_timeout(transfer, error);
  else if (result == CURLE_PEER_FAILED_VERIFICATION)
    describe_certificate(transfer, error);
  else if (result == CURLE_COULDNT_CONNECT)
    describe_connect(transfer, error);
  else if (result == CURLE_OUT_OF_MEMORY || (int)result == too_large)
    describe_memory(transfer, error);
  else if (has_no_mechanism(transfer, result))
    dbt_fail(error, DBT_TRANSPORT, NULL,
             "%.100s: the mail server offers no mechanism that fits (a token needs XOAUTH2 or "
             "OAUTHBEARER, a password PLAIN, LOGIN or CRAM-MD5)",
             transfer->url.host);
  else if (refused_mail(transfer, result))
    dbt_fail(error, DBT_TRANSPORT, refused_recipient(transfer) ? "to" : NULL,
             "%.100s: the mail server answered %ld", transfer->url.host, transfer->response.status);
  else
    describe_other(transfer, result, error);
}

void dbt_outcome_describe(dbt_transfer *transfer, CURLcode result) {
  dbt_error *error = &transfer->error;
  transfer->phase = dbt_outcome_phase(transfer);
  if (transfer->use == DBT_URL_MAIL)
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &transfer->response.status);
  if (error->code == DBT_OK && !lacks_descriptors(transfer))
    describe_failure(transfer, result, error);
}
