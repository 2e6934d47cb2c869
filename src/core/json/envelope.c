#include "json/envelope.h"

#include <curl/curl.h> /* its comparison and its dates depend on no locale */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"

/* What a status means; the first row that covers it counts. */
typedef struct status_row {
  long first, last;
  const char *kind;
  bool retryable;
  const char *message;
} status_row;

static const status_row statuses[] = {
    {200, 299, "malformed", false,
     "the answer is not the JSON that this call promises: check that base_url is the address of "
     "Debitura's API"},
    {304, 304, "malformed", false,
     "the answer is 304 (not modified), though nothing was asked on a condition: a proxy on the "
     "way "
     "answers for Debitura's API"},
    {300, 399, "malformed", false,
     "the answer is a redirect, and redirects are never followed: check that base_url is the "
     "address of Debitura's API"},
    {400, 400, "validation", false,
     "the request was refused as invalid: correct what fields and detail name, then send it again"},
    {401, 401, "unauthorized", false,
     "the credential was not accepted: check the API key and that it belongs to this environment, "
     "or mint a new token"},
    {403, 403, "forbidden", false,
     "this credential may not do this: operations for tests exist in the test environment only"},
    {404, 404, "not_found", false,
     "there is no such thing, or none that belongs to this credential; a client appears once its "
     "link is active"},
    {408, 408, "timeout", true, "the server gave up waiting for the request: send it again"},
    {409, 409, "conflict", false,
     "the request conflicts with the present state: read that first, do not just repeat the "
     "request"},
    {413, 413, "too_large", false, "the upload is too large: 25 MB is the limit for a case file"},
    {415, 415, "unsupported_media", false,
     "this type of file is not accepted: send pdf, xls, xlsx, csv, txt, jpg, jpeg, png or gif"},
    {422, 422, "business", false,
     "a rule of the business refuses the request: business_errors tells which"},
    {429, 429, "rate_limited", true,
     "too many requests for this API key (2,000 a minute, 20,000 an hour, 100,000 a day): wait for "
     "retry_after seconds"},
    {400, 499, "validation", false,
     "the server refused the request: check base_url, and what was sent"},
    {500, 599, "server", true,
     "Debitura, or a proxy in front of it, failed to answer: the same request can succeed later"},
    {-1, -1, "malformed", false,
     "the status is not one that an API answers with: check that base_url is the address of "
     "Debitura's API"},
};

/* What a type means. `other` is a second spelling of the same type, in use beside the first. */
typedef struct type_row {
  const char *type, *other;
  bool signing; /* its solution is a page where the customer signs or fills in something */
  const char *message;
} type_row;

static const char needs_linking[] = "ClientExistsNeedsLinking";

static const type_row types[] = {
    {needs_linking, NULL, false,
     "the customer has a Debitura account and must approve the link: deliver approval_url, keep "
     "the payload, wait for the webhook"},
    {"ClientAlreadyLinkedToAnotherPartner", "AlreadyLinkedToAnotherPartner", false,
     "the customer is linked to another partner, and there is one partner per client: ask them to "
     "contact Debitura, do not retry"},
    {"InvalidClientType", NULL, false,
     "the account that matches is not a creditor's: the customer opens a creditor account or "
     "contacts Debitura; do not retry"},
    {"MissingDebtCollectionContract", NULL, true,
     "the client has not signed the debt collection agreement: hand over signing_url, retry after "
     "signing"},
    {"MissingPowerOfAttorney", NULL, true,
     "the client has not signed a power of attorney: hand over signing_url, retry after signing"},
    {"MissingKycVerification", NULL, true,
     "the collection partner needs an identity check of a director: hand over signing_url, retry "
     "after it; allowPendingContracts does not help"},
    {"CreditorBlocked", NULL, false,
     "Debitura has blocked this client's account: business_errors says why; contact Debitura, do "
     "not retry"},
    {"NoPartnerAvailable", NULL, false,
     "this jurisdiction is not currently supported: tell the customer, do not retry automatically; "
     "coverage can change"},
    {"IdempotencyConflict", NULL, false,
     "the Idempotency-Key was used before with another body: a changed request needs a key of its "
     "own"},
    {"DuplicateReference", "DuplicateCreditorReference", false,
     "the creditor has a case with this creditorReference: it is there, do not submit it again"},
    {"UnsupportedCountry", NULL, false,
     "Debitura does not collect in this country: tell the customer, do not retry"},
    {"UnsupportedCurrency", NULL, false,
     "Debitura does not collect in this currency: tell the customer, do not retry"},
    {"InvalidUserEmail", NULL, false,
     "the client has no user with this mail address: name one of its users"},
};

/* Where the URL of a link request was seen, the most telling place first. An `onboardingUrl` of its
   own is what the Choice variant is documented to carry; `onboardingLinks.url` serves both
   variants, there the page itself has to tell. */
static const struct {
  const char *outer, *name, *variant;
} approval_places[] = {{NULL, "approvalUrl", "approval"},
                       {NULL, "onboardingUrl", "choice"},
                       {"onboardingLinks", "url", NULL}};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* == Looking into the body == */

/* Some answers are written in PascalCase, so case is disregarded; of several the last that is not
 * null counts. */
static const cJSON *member(const cJSON *object, const char *name) {
  const cJSON *found = NULL,
              *child = object != NULL && cJSON_IsObject(object) ? object->child : NULL;
  for (; child != NULL; child = child->next)
    if (!cJSON_IsNull(child) && curl_strequal(child->string, name)) found = child;
  return found;
}

static const char *text_member(const cJSON *object, const char *name) {
  const cJSON *found = member(object, name);
  return cJSON_IsString(found) && found->valuestring[0] != '\0' ? found->valuestring : NULL;
}

/* A browser or a mail will get this URL: nothing that could break out of either is
 * let through. */
static bool is_web_url(const char *url) {
  if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0) return false;
  size_t length = 0;
  for (; url[length] != '\0'; length++)
    if (url[length] <= ' ' || url[length] > '~' || strchr("\"<>\\`", url[length]) != NULL)
      return false;
  return length <= DBT_ENVELOPE_MAX_URL;
}

static const char *url_member(const cJSON *object, const char *name) {
  const char *url = text_member(object, name);
  return url != NULL && is_web_url(url) ? url : NULL;
}

/* Debitura's types are names; what RFC 7807 calls type is a URI, and `error` is sometimes
 * a sentence. */
static const char *name_member(const cJSON *object, const char *name) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  const char *text = text_member(object, name);
  return text != NULL && strlen(text) <= 64 && text[strspn(text, letters)] == '\0' ? text : NULL;
}

/* == From body to failure == */

static const status_row *status_of(long status) {
  size_t row = 0;
  while (row < LENGTH(statuses) - 1 &&
         (status < statuses[row].first || status > statuses[row].last))
    row++;
  return &statuses[row];
}

static const type_row *type_of(const char *type) {
  for (size_t row = 0; type != NULL && row < LENGTH(types); row++)
    if (curl_strequal(type, types[row].type) ||
        (types[row].other != NULL && curl_strequal(type, types[row].other)))
      return &types[row];
  return NULL;
}

static void read_business_errors(const cJSON *body, dbt_failure *failure) {
  const cJSON *errors = member(body, "businessErrors");
  const cJSON *item = cJSON_IsArray(errors) ? errors->child : NULL;
  for (; item != NULL && failure->business_error_count < DBT_ENVELOPE_MAX_ERRORS;
       item = item->next) {
    if (!cJSON_IsObject(item)) continue;
    failure->business_errors[failure->business_error_count++] = (dbt_business_error){
        text_member(item, "type"), text_member(item, "message"), url_member(item, "solutionUrl")};
  }
}

static void add_field(dbt_failure *failure, const cJSON *field) {
  dbt_field_problem *problem = &failure->fields[failure->field_count];
  *problem = (dbt_field_problem){.path = field->string};
  const cJSON *item = cJSON_IsArray(field) ? field->child : NULL;
  for (; item != NULL && problem->count < DBT_ENVELOPE_MAX_MESSAGES; item = item->next)
    if (cJSON_IsString(item)) problem->messages[problem->count++] = item->valuestring;
  if (problem->count > 0) failure->field_count++;
}

/* A map of field to messages: the `errors` of problem details, or the whole body. */
static void read_fields(const cJSON *body, dbt_failure *failure) {
  const cJSON *errors = member(body, "errors");
  const cJSON *map = cJSON_IsObject(errors) ? errors : body;
  const cJSON *field = cJSON_IsObject(map) ? map->child : NULL;
  for (; field != NULL && failure->field_count < DBT_ENVELOPE_MAX_FIELDS; field = field->next)
    add_field(failure, field);
}

static const char *first_text(const char *const *texts, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (texts[i] != NULL) return texts[i];
  return NULL;
}

static void read_texts(const cJSON *body, const cJSON *conflict, dbt_failure *failure) {
  const dbt_business_error *first = failure->business_errors; /* zeroed when there is none */
  const char *const names[] = {name_member(conflict, "type"), first->type,
                               name_member(body, "error")};
  const char *const sentences[] = {first->message, text_member(conflict, "message"),
                                   text_member(body, "detail"), text_member(body, "title"),
                                   text_member(body, "error")};
  failure->type = first_text(names, LENGTH(names));
  failure->detail = first_text(sentences, LENGTH(sentences));
}

static const char *variant_of_page(const char *url) {
  const char *choice = strcasestr(url, "/choice");
  return choice != NULL && choice < url + strcspn(url, "?#") ? "choice" : "approval";
}

/* The URL that the customer must be given, wherever the answer has put it. */
static void read_approval_url(const cJSON *body, const cJSON *conflict, dbt_failure *failure) {
  enum { LEVELS = 3 };
  const cJSON *const levels[LEVELS] = {member(conflict, "data"), conflict, body};
  for (size_t place = 0; place < LENGTH(approval_places); place++)
    for (size_t level = 0; level < LEVELS; level++) {
      const char *outer = approval_places[place].outer;
      const cJSON *holder = outer != NULL ? member(levels[level], outer) : levels[level];
      const char *url = url_member(holder, approval_places[place].name);
      if (url == NULL) continue;
      failure->approval_url = url;
      failure->variant = approval_places[place].variant != NULL ? approval_places[place].variant
                                                                : variant_of_page(url);
      return;
    }
}

/* One page that walks through all that is to be signed, or else the page of the first error that is
 * solved by signing. */
static void read_signing_url(const cJSON *body, dbt_failure *failure) {
  failure->signing_url = url_member(member(body, "signingHandoff"), "combinedSigningUrl");
  for (size_t i = 0; i < failure->business_error_count && failure->signing_url == NULL; i++) {
    const type_row *row = type_of(failure->business_errors[i].type);
    if (row != NULL && row->signing)
      failure->signing_url = failure->business_errors[i].solution_url;
  }
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Seconds as text, perhaps with a fraction, whatever the locale's decimal point is; -1 for anything
   else. */
static double seconds_of(const char *text) {
  double seconds = 0, place = 1;
  if (text == NULL || !is_digit(*text)) return -1;
  for (; is_digit(*text); text++)
    seconds = seconds * 10 + (*text - '0');
  if (*text == '.')
    for (text++; is_digit(*text); text++)
      seconds += (*text - '0') * (place /= 10);
  return *text == '\0' ? seconds : -1;
}

/* Seconds to wait: the body says it first; the header may be absent, a number or a date, which is
   then taken against the answer's own Date, so that no clock is needed. */
static double read_retry_after(const cJSON *body, const dbt_answer *answer) {
  const cJSON *seconds = member(body, "retryAfter");
  const char *header = answer->retry_after;
  double wait = cJSON_IsNumber(seconds) && seconds->valuedouble >= 0
                    ? seconds->valuedouble
                    : seconds_of(cJSON_GetStringValue(seconds));
  if (wait < 0) wait = seconds_of(header);
  if (wait < 0 && header != NULL && answer->date != NULL) {
    time_t until = curl_getdate(header, NULL), sent = curl_getdate(answer->date, NULL);
    if (until >= 0 && sent >= 0) wait = fmax(0, difftime(until, sent));
  }
  return fmin(wait, DBT_ENVELOPE_MAX_WAIT);
}

static void decode_body(const dbt_answer *answer, dbt_failure *failure) {
  const dbt_json_limits limits = {DBT_ENVELOPE_MAX_BYTES, DBT_JSON_MAX_DEPTH,
                                  DBT_ENVELOPE_MAX_VALUES};
  if (answer->length > 0 &&
      dbt_json_decode(&failure->data, answer->body, answer->length, &limits, NULL))
    failure->tree = dbt_json_tree(&failure->data);
}

void dbt_envelope_read(const dbt_answer *answer, dbt_failure *failure) {
  const status_row *status = status_of(answer->status);
  memset(failure, 0, sizeof *failure);
  decode_body(answer, failure);
  const cJSON *body = failure->tree, *wrapped = member(body, "conflictResponse");
  const cJSON *conflict = cJSON_IsObject(wrapped) ? wrapped : body;

  failure->kind = status->kind;
  failure->retryable = status->retryable;
  failure->retry_after = status->retryable ? read_retry_after(body, answer) : -1;
  read_business_errors(body, failure);
  read_texts(body, conflict, failure);
  read_signing_url(body, failure);
  if (answer->status == 400 || answer->status == 422) read_fields(body, failure);

  const type_row *type = type_of(failure->type);
  bool named = name_member(conflict, "type") != NULL || failure->business_errors->type != NULL;
  if (answer->status == 409 && (type != NULL ? type->type == needs_linking : !named)) {
    read_approval_url(body, conflict, failure);
    /* The oldest form has the URL and no type, but perhaps the legacy `error`. */
    if (failure->approval_url != NULL) type = type_of(needs_linking);
  }
  if (type != NULL) failure->type = type->type;
  failure->message = type != NULL ? type->message : status->message;
}

void dbt_failure_release(dbt_failure *failure) {
  cJSON_Delete(failure->tree);
  dbt_json_release(&failure->data);
  memset(failure, 0, sizeof *failure);
}
