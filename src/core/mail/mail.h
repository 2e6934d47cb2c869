/* Mail through an engine: SMTP and SMTPS. */
#ifndef DBT_MAIL_H
#define DBT_MAIL_H

#include "http/engine.h"

typedef struct dbt_mail {
  const char *url;      /* smtps://host[:port], or smtp://host[:port] */
  const char *username; /* NULL: no authentication */
  const char *password;
  const char *token; /* NULL, or a bearer token (OAuth 2.0) instead of the password */
  const char *from;
  const char *const *to;
  size_t to_count;
  dbt_source message; /* headers and body with CRLF line ends; copied */
  bool greeting;      /* nothing is sent: only what comes before a mail, up to authentication */
  bool starttls;      /* to a loopback host too; smtp:// to any other is always encrypted */
  dbt_limits limits;
} dbt_mail;

/* One refused recipient fails the whole mail. */
dbt_transfer *dbt_engine_submit_mail(dbt_engine *engine, const dbt_mail *mail, dbt_error *error);

#endif
