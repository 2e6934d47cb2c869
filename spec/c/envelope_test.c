#include "json/envelope.h"

#include <stdlib.h>

#include "check.h"
#include "starve.h"

static dbt_failure failure;

static const dbt_failure *read_answer(long status, const char *retry_after, const char *date,
                                      const char *body) {
  dbt_failure_release(&failure);
  dbt_answer answer = {status, retry_after, date, body, strlen(body)};
  dbt_envelope_read(&answer, &failure);
  return &failure;
}

static const dbt_failure *read_body(long status, const char *body) {
  return read_answer(status, NULL, NULL, body);
}

static bool same(const char *actual, const char *expected) {
  return expected == NULL ? actual == NULL : actual != NULL && strcmp(actual, expected) == 0;
}

static void knows_every_status(void) {
  static const struct {
    long status;
    const char *kind;
    bool retryable;
  } cases[] = {
      {400, "validation", false}, {401, "unauthorized", false},
      {403, "forbidden", false},  {404, "not_found", false},
      {408, "timeout", true},     {409, "conflict", false},
      {413, "too_large", false},  {415, "unsupported_media", false},
      {422, "business", false},   {429, "rate_limited", true},
      {402, "validation", false}, {405, "validation", false},
      {499, "validation", false}, {500, "server", true},
      {502, "server", true},      {503, "server", true},
      {599, "server", true},      {301, "malformed", false},
      {304, "malformed", false},  {200, "malformed", false},
      {204, "malformed", false},  {100, "malformed", false},
      {0, "malformed", false},    {-5, "malformed", false},
      {600, "malformed", false},  {999999, "malformed", false},
  };
  static const char *const bodies[] = {
      "", "<html><title>502 Bad Gateway</title>", "{\"error\":", "null", "[]", "{}", "7", "\"x\""};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t j = 0; j < sizeof bodies / sizeof *bodies; j++) {
      const dbt_failure *seen = read_body(cases[i].status, bodies[j]);
      CHECK_TEXT(seen->kind, cases[i].kind);
      CHECK(seen->retryable == cases[i].retryable);
      CHECK(seen->message != NULL && strlen(seen->message) > 20);
      CHECK(seen->type == NULL && seen->approval_url == NULL && seen->signing_url == NULL);
    }
}

#define URL "https://app.example.test/link/1"
#define CHOICE "https://app.example.test/choice/1"

static void reads_every_form_of_the_link_request(void) {
  static const struct {
    const char *body, *url, *variant;
  } cases[] = {
      {"{\"type\":\"ClientExistsNeedsLinking\",\"message\":\"m\",\"data\":{\"externalTenantId\":"
       "\"t\","
       "\"onboardingLinks\":{\"url\":\"" URL "\"}}}",
       URL, "approval"},
      {"{\"Type\":\"ClientExistsNeedsLinking\",\"Message\":\"m\",\"Data\":{\"OnboardingLinks\":{"
       "\"Url\":"
       "\"" URL "\"}}}",
       URL, "approval"},
      {"{\"TYPE\":\"clientexistsneedslinking\",\"DATA\":{\"ONBOARDINGLINKS\":{\"URL\":\"" URL
       "\"}}}",
       URL, "approval"},
      {"{\"conflictResponse\":{\"type\":\"ClientExistsNeedsLinking\",\"data\":{\"onboardingLinks\":"
       "{\"url\":"
       "\"" URL "\"}}}}",
       URL, "approval"},
      {"{\"ConflictResponse\":{\"Type\":\"ClientExistsNeedsLinking\",\"Data\":{\"ApprovalUrl\":"
       "\"" URL "\"}}}",
       URL, "approval"},
      {"{\"conflictResponse\":{\"type\":\"ClientExistsNeedsLinking\"},\"approvalUrl\":\"" URL "\"}",
       URL, "approval"},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"approvalUrl\":\"" URL "\"}", URL, "approval"},
      {"{\"error\":\"ClientExistsNeedsLinking\",\"message\":\"m\",\"approvalUrl\":\"" URL "\"}",
       URL, "approval"},
      {"{\"error\":\"Conflict\",\"message\":\"m\",\"approvalUrl\":\"" URL "\"}", URL, "approval"},
      {"{\"approvalUrl\":\"" URL "\"}", URL, "approval"},
      {"{\"onboardingUrl\":\"" URL "\"}", URL, "choice"},
      {"{\"OnboardingUrl\":\"" CHOICE "\"}", CHOICE, "choice"},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"data\":{\"onboardingUrl\":\"" CHOICE
       "\",\"onboardingLinks\":{\"url\":\"" CHOICE "\"}}}",
       CHOICE, "choice"},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"data\":{\"onboardingLinks\":{\"url\":\"" CHOICE
       "\"}}}",
       CHOICE, "choice"},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"data\":{\"onboardingLinks\":{\"url\":\"" URL
       "?returnUrl=/choice/\"}}}",
       URL "?returnUrl=/choice/", "approval"},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"data\":{\"approvalUrl\":null,\"ApprovalUrl\":"
       "\"" URL "\",\"approvalurl\":null}}",
       URL, "approval"},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"data\":null}", NULL, NULL},
      {"{\"type\":\"ClientExistsNeedsLinking\",\"data\":[{\"approvalUrl\":\"" URL "\"}]}", NULL,
       NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const dbt_failure *seen = read_body(409, cases[i].body);
    CHECK_TEXT(seen->kind, "conflict");
    CHECK_TEXT(seen->type, "ClientExistsNeedsLinking");
    CHECK(same(seen->approval_url, cases[i].url));
    CHECK(same(seen->variant, cases[i].variant));
  }
}

static void lets_no_dangerous_url_through(void) {
  static const char *const urls[] = {
      "javascript:alert(1)", "ftp://example.test/",   "//example.test/",  "/link/1",
      "https://a b",         "https://a\\r\\nBcc: x", "https://a\\u0001", "https://a\\\"onload=",
      "https://a<b>",        "https://\\u00e5.test"};
  char body[256];
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
    snprintf(body, sizeof body, "{\"approvalUrl\":\"%s\",\"type\":\"ClientExistsNeedsLinking\"}",
             urls[i]);
    const dbt_failure *seen = read_body(409, body);
    CHECK(seen->approval_url == NULL && seen->variant == NULL);
    CHECK(seen->data.cells != NULL);
    snprintf(body, sizeof body,
             "{\"businessErrors\":[{\"type\":\"MissingPowerOfAttorney\",\"solutionUrl\":\"%s\"}]}",
             urls[i]);
    seen = read_body(422, body);
    CHECK(seen->signing_url == NULL && seen->business_errors[0].solution_url == NULL);
  }
}

static void spells_each_type_one_way(void) {
  static const struct {
    long status;
    const char *body, *type;
  } cases[] = {
      {409, "{\"type\":\"ClientAlreadyLinkedToAnotherPartner\"}",
       "ClientAlreadyLinkedToAnotherPartner"},
      {409, "{\"Type\":\"AlreadyLinkedToAnotherPartner\"}", "ClientAlreadyLinkedToAnotherPartner"},
      {409,
       "{\"conflictResponse\":{\"type\":\"alreadyLinkedToAnotherPartner\",\"data\":{"
       "\"approvalUrl\":\"" URL "\"}}}",
       "ClientAlreadyLinkedToAnotherPartner"},
      {409, "{\"type\":\"InvalidClientType\"}", "InvalidClientType"},
      {409, "{\"error\":\"LinkHasCases\",\"message\":\"m\",\"businessErrors\":null}",
       "LinkHasCases"},
      {409, "{\"type\":\"SomethingNew\",\"data\":{\"approvalUrl\":\"" URL "\"}}", "SomethingNew"},
      {422, "{\"Type\":\"IdempotencyConflict\"}", "IdempotencyConflict"},
      {422, "{\"businessErrors\":[{\"type\":\"IdempotencyConflict\"}]}", "IdempotencyConflict"},
      {422,
       "{\"error\":\"Legacy\",\"businessErrors\":[{\"type\":\"CreditorBlocked\",\"message\":\"m\"}]"
       "}",
       "CreditorBlocked"},
      {400, "{\"type\":\"https://tools.ietf.org/html/rfc7231\",\"title\":\"Bad Request\"}", NULL},
      {400, "{\"error\":\"The request is not valid.\"}", NULL},
      {429, "{\"error\":\"rate_limit_exceeded\",\"message\":\"m\"}", "rate_limit_exceeded"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const dbt_failure *seen = read_body(cases[i].status, cases[i].body);
    CHECK(same(seen->type, cases[i].type));
    CHECK(seen->approval_url == NULL);
  }
}

static void prefers_the_combined_signing_page(void) {
#define ERRORS                                                                                     \
  "\"businessErrors\":[{\"type\":\"CreditorBlocked\",\"solutionUrl\":\"https://a.test/"            \
  "0\"},{\"type\":\"MissingDebtCollectionContract\"},"                                             \
  "{\"type\":\"MissingPowerOfAttorney\",\"message\":\"sign\",\"solutionUrl\":\"https://a.test/"    \
  "1\"},{\"type\":\"MissingKycVerification\",\"solutionUrl\":\"https://a.test/2\"}]"
  const dbt_failure *seen = read_body(
      422, "{" ERRORS ",\"signingHandoff\":{\"combinedSigningUrl\":\"https://a.test/all\"}}");
  CHECK_TEXT(seen->signing_url, "https://a.test/all");
  CHECK(seen->business_error_count == 4);
  CHECK_TEXT(seen->business_errors[2].type, "MissingPowerOfAttorney");
  CHECK_TEXT(seen->business_errors[2].message, "sign");
  CHECK_TEXT(seen->business_errors[2].solution_url, "https://a.test/1");
  CHECK_TEXT(read_body(422, "{" ERRORS ",\"signingHandoff\":null}")->signing_url,
             "https://a.test/1");
  CHECK_TEXT(read_body(422, "{\"BusinessErrors\":[],\"SigningHandoff\":{\"CombinedSigningUrl\":"
                            "\"https://a.test/all\"}}")
                 ->signing_url,
             "https://a.test/all");
  CHECK(read_body(422, "{\"businessErrors\":[{\"type\":\"NoPartnerAvailable\",\"solutionUrl\":"
                       "\"https://a.test/0\"}]}")
            ->signing_url == NULL);
}

static void reads_field_problems(void) {
  static const char *const bodies[] = {
      "{\"debtor.name\":[\"is required\",\"is short\"],\"other\":\"text\",\"numbers\":[1]}",
      "{\"title\":\"Invalid\",\"errors\":{\"debtor.name\":[\"is required\",\"is short\"]}}",
      "{\"Errors\":{\"debtor.name\":[null,\"is required\",{},\"is short\"],\"text\":\"x\"}}",
  };
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    const dbt_failure *seen = read_body(400, bodies[i]);
    CHECK(seen->field_count == 1);
    CHECK(same(seen->fields[0].path, "debtor.name"));
    CHECK(seen->fields[0].count == 2);
    CHECK(same(seen->fields[0].messages[0], "is required") &&
          same(seen->fields[0].messages[1], "is short"));
  }
  CHECK(read_body(422, bodies[0])->field_count == 1);
  CHECK(read_body(404, bodies[0])->field_count == 0);
}

static void knows_how_long_to_wait(void) {
  static const char sent[] = "Wed, 03 Jul 2024 09:46:40 GMT";
  static const struct {
    long status;
    const char *header, *date, *body;
    double seconds;
  } cases[] = {
      {429, NULL, NULL, "{\"retryAfter\":30}", 30},
      {429, "99", NULL, "{\"RetryAfter\":30}", 30},
      {429, "99", NULL, "{\"retryAfter\":-1}", 99},
      {429, "99", NULL, "{\"retryAfter\":\"soon\"}", 99},
      {429, "99", NULL, "", 99},
      {429, "99", NULL, "{\"retryAfter\":\"30\"}", 30},
      {429, NULL, NULL, "{\"retryAfter\":\"2.5\"}", 2.5},
      {429, "1.25", NULL, "{\"retryAfter\":null}", 1.25},
      {429, "1.2.5", NULL, "{\"retryAfter\":\"\"}", -1},
      {503, "0", NULL, "<html>", 0},
      {429, "Wed, 03 Jul 2024 09:47:10 GMT", sent, "", 30},
      {429, "Wed, 03 Jul 2024 09:46:00 GMT", sent, "", 0},
      {429, "Wed, 03 Jul 2024 09:47:10 GMT", NULL, "", -1},
      {429, "Wed, 03 Jul 2024 09:47:10 GMT", "yesterday", "", -1},
      {429, "later", sent, "", -1},
      {429, "-5", NULL, "", -1},
      {429, "", NULL, "", -1},
      {429, "999999999999999999999999999999", NULL, "", 86400},
      {429, NULL, NULL, "{\"retryAfter\":1e300}", 86400},
      {429, "Wed, 03 Jul 2034 09:47:10 GMT", sent, "", 86400},
      {409, "30", NULL, "{\"retryAfter\":30}", -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK(
        read_answer(cases[i].status, cases[i].header, cases[i].date, cases[i].body)->retry_after ==
        cases[i].seconds);
}

static void keeps_the_servers_sentence_apart(void) {
  CHECK_TEXT(
      read_body(400, "{\"error\":\"Bad\",\"message\":\"bob@example.test is known\"}")->detail,
      "bob@example.test is known");
  CHECK(strstr(failure.message, "bob") == NULL);
  CHECK_TEXT(read_body(422, "{\"message\":\"legacy\",\"businessErrors\":[{\"type\":"
                            "\"CreditorBlocked\",\"message\":\"why\"}]}")
                 ->detail,
             "why");
  CHECK_TEXT(read_body(500, "{\"title\":\"Server Error\",\"detail\":\"Something failed\"}")->detail,
             "Something failed");
  CHECK(read_body(502, "<html><title>Bad Gateway</title></html>")->detail == NULL);
}

/* Many of everything, deep, wide and long. */
static void bounds_what_a_hostile_body_holds(void) {
  size_t size = 4 * 1024 * 1024;
  char *body = malloc(size);
  CHECK(body != NULL);
  size_t used = (size_t)snprintf(body, size, "{\"businessErrors\":[");
  for (int i = 0; i < 1000; i++)
    used += (size_t)snprintf(body + used, size - used, "%s{\"type\":\"T%d\"}", i > 0 ? "," : "", i);
  snprintf(body + used, size - used, "]}");
  CHECK(read_body(422, body)->business_error_count == DBT_ENVELOPE_MAX_ERRORS);
  CHECK_TEXT(failure.type, "T0");

  used = (size_t)snprintf(body, size, "{");
  for (int i = 0; i < 1000; i++)
    used += (size_t)snprintf(body + used, size - used,
                             "%s\"f%d\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]",
                             i > 0 ? "," : "", i);
  snprintf(body + used, size - used, "}");
  CHECK(read_body(400, body)->field_count == DBT_ENVELOPE_MAX_FIELDS);
  CHECK(failure.fields[0].count == DBT_ENVELOPE_MAX_MESSAGES);

  memset(body, '[', size - 1);
  body[size - 1] = '\0';
  CHECK(read_body(409, body)->data.cells == NULL);
  CHECK_TEXT(failure.kind, "conflict");

  memset(body, ' ', size - 1);
  memcpy(body, "{\"type\":\"InvalidClientType\"}", 28);
  CHECK(read_body(409, body)->data.cells == NULL);
  body[DBT_ENVELOPE_MAX_BYTES] = '\0';
  CHECK_TEXT(read_body(409, body)->type, "InvalidClientType");
  free(body);
}

static void survives_truncation(void) {
  static const char body[] =
      "{\"conflictResponse\":{\"type\":\"ClientExistsNeedsLinking\",\"data\":{"
      "\"onboardingLinks\":{\"url\":\"" URL "\"}}}}";
  for (size_t length = 0; length < sizeof body - 1; length++) {
    char *exact = malloc(length > 0 ? length : 1);
    CHECK(exact != NULL);
    memcpy(exact, body, length);
    dbt_answer answer = {.status = 409, .body = exact, .length = length};
    dbt_failure seen;
    dbt_envelope_read(&answer, &seen);
    CHECK_TEXT(seen.kind, "conflict");
    CHECK(seen.data.cells == NULL && seen.approval_url == NULL);
    dbt_failure_release(&seen);
    free(exact);
  }
}

/* Long numbers, NUL bytes and half surrogates stand beside what matters. */
static void reads_past_odd_values(void) {
  const dbt_failure *seen =
      read_body(409, "{\"note\":\"\\ud800 \\u0000\",\"n\":"
                     "123456789012345678901234567890123456789012345678901234567890.12345678,"
                     "\"type\":\"ClientExistsNeedsLinking\",\"approvalUrl\":\"" URL "\"}");
  CHECK_TEXT(seen->type, "ClientExistsNeedsLinking");
  CHECK_TEXT(seen->approval_url, URL);
  CHECK(read_body(409, "{\"approvalUrl\":\"" URL "\\u0000.evil\"}")->approval_url == NULL);
}

static void keeps_the_status_without_memory(void) {
  STARVE_EACH_ALLOCATION(round) {
    const dbt_failure *seen =
        read_body(409, "{\"type\":\"InvalidClientType\",\"data\":{\"externalTenantId\":\"t\"}}");
    CHECK_TEXT(seen->kind, "conflict");
    CHECK((seen->tree == NULL) == starve_struck);
  }
}

int main(void) {
  starve_cjson();
  TEST("every status has a kind and a sentence, whatever the body", knows_every_status);
  TEST("a link request is read in every form it was seen in", reads_every_form_of_the_link_request);
  TEST("one odd value does not hide the others", reads_past_odd_values);
  TEST("only plain http and https URLs are handed on", lets_no_dangerous_url_through);
  TEST("each type has one spelling, and unknown types are kept", spells_each_type_one_way);
  TEST("the combined signing page goes before the pages of single errors",
       prefers_the_combined_signing_page);
  TEST("field problems are read from a bare map and from problem details", reads_field_problems);
  TEST("the wait comes from the body, then from the header, and is bounded",
       knows_how_long_to_wait);
  TEST("the server's own sentence is kept, and kept out of the message",
       keeps_the_servers_sentence_apart);
  TEST("the number of errors, fields and messages is bounded", bounds_what_a_hostile_body_holds);
  TEST("a truncated body costs the details, not the status", survives_truncation);
  TEST("without memory the status is still understood", keeps_the_status_without_memory);
  dbt_failure_release(&failure);
  return check_summary();
}
