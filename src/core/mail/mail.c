#include "mail/mail.h"

#include <string.h>

#include "http/engine_impl.h"

enum { ADDRESS_MAX = 254 }; /* RFC 5321, 4.5.3.1.3, without the angle brackets */

/* What could end the address and start another command or argument (RFC 5321, 4.1.2) is refused;
   whether the rest is an address the server decides. */
static bool check_address(const char *address, const char *where, dbt_error *error) {
  size_t length = address != NULL ? strlen(address) : 0;
  if (length == 0 || length > ADDRESS_MAX || strchr(address, '@') == NULL)
    return dbt_fail(error, DBT_ARGUMENT, where, "%s: not a mail address", where);
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)address[i];
    if (byte <= ' ' || byte == 0x7f || strchr("<>()[]\\\",;:", byte) != NULL)
      return dbt_fail(error, DBT_ARGUMENT, where, "%s: character not allowed in a mail address",
                      where);
  }
  return true;
}

/* A line end of another kind means one thing to some servers and another to the next:
 * SMTP smuggling. */
static bool check_line_ends(const dbt_source *message, dbt_error *error) {
  const char *bytes = message->bytes;
  for (size_t i = 0; i < message->length; i++) {
    bool follows_return = i > 0 && bytes[i - 1] == '\r';
    if ((bytes[i] == '\n') != follows_return || (bytes[i] == '\r' && i + 1 == message->length))
      return dbt_fail(error, DBT_ARGUMENT, "message", "message: every line has to end in CR LF");
  }
  return true;
}

static bool check(const dbt_mail *mail, dbt_error *error) {
  if (mail->greeting) return true;
  if (!check_address(mail->from, "from", error)) return false;
  if (mail->to_count == 0) return dbt_fail(error, DBT_ARGUMENT, "to", "to: no recipient");
  for (size_t i = 0; i < mail->to_count; i++)
    if (!check_address(mail->to[i], "to", error)) return false;
  if (mail->message.path == NULL) return check_line_ends(&mail->message, error);
  return true;
}

static bool set_recipients(dbt_transfer *transfer, const dbt_mail *mail) {
  for (size_t i = 0; i < mail->to_count; i++) {
    struct curl_slist *longer = curl_slist_append(transfer->recipients, mail->to[i]);
    if (longer == NULL) return false;
    transfer->recipients = longer;
  }
  curl_easy_setopt(transfer->easy, CURLOPT_MAIL_RCPT, transfer->recipients);
  return true;
}

/* What a mail has and a greeting has not. */
static bool set_mail(dbt_transfer *transfer, const dbt_mail *mail, dbt_error *error) {
  CURL *easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  if (curl_easy_setopt(easy, CURLOPT_MAIL_FROM, mail->from) != CURLE_OK ||
      !set_recipients(transfer, mail))
    return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  dbt_source message = mail->message;
  message.copied = true; /* another thread reads it */
  return dbt_body_open_source(&transfer->body, &message, easy, &transfer->error, error);
}

static bool set_greeting(dbt_transfer *transfer, dbt_error *error) {
  curl_easy_setopt(transfer->easy, CURLOPT_NOBODY, 1L);
  /* Else libcurl would ask for HELP, which some servers do not know. */
  return curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, "NOOP") == CURLE_OK ||
         dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
}

static bool prepare(dbt_transfer *transfer, const dbt_mail *mail, dbt_error *error) {
  CURL *easy = transfer->easy;
  if (mail->starttls || !transfer->url.loopback)
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
                   1L); /* its farewell counts towards the timeout, too */
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, NULL);
  /* Else libcurl has a limit of its own for each reply. */
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, mail->limits.timeout_ms / 1000 + 1);
  bool set =
      curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
      curl_easy_setopt(easy, CURLOPT_USERNAME, mail->username) == CURLE_OK &&
      curl_easy_setopt(easy, CURLOPT_PASSWORD, mail->password) == CURLE_OK &&
      curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, mail->token) == CURLE_OK &&
      /* Else a token would be followed by an empty password. */
      curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS,
                       mail->token != NULL ? "AUTH=XOAUTH2;AUTH=OAUTHBEARER" : NULL) == CURLE_OK;
  if (!set) return dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
  return mail->greeting ? set_greeting(transfer, error) : set_mail(transfer, mail, error);
}

dbt_transfer *dbt_engine_submit_mail(dbt_engine *engine, const dbt_mail *mail, dbt_error *error) {
  if (!check(mail, error)) return NULL;
  dbt_transfer *transfer = dbt_transfer_new(engine, mail->url, DBT_URL_MAIL, &mail->limits, error);
  if (transfer == NULL) return NULL;
  if (!prepare(transfer, mail, error)) {
    dbt_transfer_free(transfer);
    return NULL;
  }
  return dbt_mail_start(engine, transfer, error);
}
