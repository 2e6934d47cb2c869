/* The expected signatures come from `printf '%s' "$t.$body" | openssl dgst -sha256 -hmac "$key"`,
   where key is the text that the Base64 secret encodes. */
#include "crypto/signature.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "starve.h"

/* "sample-webhook-secret-001" and "sample-webhook-secret-002" */
#define SECRET_1 "c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMQ=="
#define SECRET_2 "c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMg=="
#define MAC_1 "9a1a0f51e087da175b12820c2e7bb894cd224dd64ad4a8d2ea1d99ccdb951cab"
#define MAC_2 "51555dd96a7618ffd2a607b9ff86e751089759555647b2dd4914ceb9460fc373"
#define BODY "{\"id\":\"evt_1\",\"event\":\"client.linked\"}"
#define T "1720000000"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static const double sent = 1720000000;
static dbt_error error;

static dbt_verifier *new_verifier(const char *first, const char *second, double tolerance,
                                  double skew) {
  dbt_shared_secret secrets[] = {{first, strlen(first)},
                                 {second, second != NULL ? strlen(second) : 0}};
  dbt_verifier_options options = {tolerance, skew};
  error = (dbt_error){.code = DBT_OK};
  return dbt_verifier_new(secrets, second != NULL ? 2 : 1, &options, &error);
}

static dbt_verification verify_with(dbt_verifier *verifier, const char *header, const char *body,
                                    double now) {
  dbt_verification result;
  error = (dbt_error){.code = DBT_OK};
  CHECK(dbt_verifier_verify(verifier, header, header != NULL ? strlen(header) : 0, body,
                            strlen(body), now, &result, &error));
  return result;
}

/* The verdict of a verifier with the default window and the first secret, a moment
   after sending. */
static dbt_verification judge(const char *header) {
  dbt_verifier *verifier =
      new_verifier(SECRET_1, NULL, DBT_SIGNATURE_TOLERANCE, DBT_SIGNATURE_SKEW);
  dbt_verification result = verify_with(verifier, header, BODY, sent + 1);
  dbt_verifier_free(verifier);
  return result;
}

static void accepts_what_openssl_signed(void) {
  dbt_verification result = judge("t=" T ",v1=" MAC_1);
  CHECK(result.verdict == DBT_SIGNATURE_VALID);
  CHECK(result.timestamp == sent);
  CHECK(result.secret == 1);
  CHECK(judge("v1=" MAC_1 ", t=" T).verdict == DBT_SIGNATURE_VALID);
  CHECK(judge(" t=" T "\t,v0=whatever,v2=,v1=" MAC_1 " ").verdict == DBT_SIGNATURE_VALID);
}

static void notices_any_change(void) {
  dbt_verifier *verifier = new_verifier(SECRET_1, NULL, INFINITY, INFINITY);
  const char *header = "t=" T ",v1=" MAC_1;
  CHECK(verify_with(verifier, header, BODY " ", sent).verdict == DBT_SIGNATURE_NO_MATCH);
  CHECK(verify_with(verifier, header, "", sent).verdict == DBT_SIGNATURE_NO_MATCH);
  CHECK(verify_with(verifier, "t=1720000001,v1=" MAC_1, BODY, sent).verdict ==
        DBT_SIGNATURE_NO_MATCH);
  CHECK(verify_with(verifier, "t=" T ",v1=" ZEROS, BODY, sent).verdict == DBT_SIGNATURE_NO_MATCH);
  CHECK(verify_with(verifier, header, BODY, sent).verdict == DBT_SIGNATURE_VALID);
  dbt_verifier_free(verifier);
}

static void tries_every_secret_with_every_signature(void) {
  dbt_verifier *verifier = new_verifier(SECRET_1, SECRET_2, 300, 30);
  dbt_verification result = verify_with(verifier, "t=" T ",v1=" MAC_2, BODY, sent);
  CHECK(result.verdict == DBT_SIGNATURE_VALID && result.secret == 2);
  result = verify_with(verifier, "t=" T ",v1=" ZEROS ",v1=" MAC_1 ",v1=" ZEROS, BODY, sent);
  CHECK(result.verdict == DBT_SIGNATURE_VALID && result.secret == 1);
  result = verify_with(verifier, "t=" T ",v1=" ZEROS ",v1=" ZEROS, BODY, sent + 7);
  CHECK(result.verdict == DBT_SIGNATURE_NO_MATCH && result.secret == 0);
  CHECK(result.candidates == 2 && result.secrets == 2 && result.age == 7);
  dbt_verifier_free(verifier);
}

static void judges_the_age_of_what_is_signed(void) {
  dbt_verifier *verifier = new_verifier(SECRET_1, NULL, 300, 30);
  const char *header = "t=" T ",v1=" MAC_1, *forged = "t=" T ",v1=" ZEROS;
  CHECK(verify_with(verifier, header, BODY, sent + 300).verdict == DBT_SIGNATURE_VALID);
  CHECK(verify_with(verifier, header, BODY, sent + 300.5).verdict == DBT_SIGNATURE_TOO_OLD);
  CHECK(verify_with(verifier, header, BODY, sent - 30).verdict == DBT_SIGNATURE_VALID);
  CHECK(verify_with(verifier, header, BODY, sent - 30.5).verdict == DBT_SIGNATURE_IN_FUTURE);
  CHECK(verify_with(verifier, header, BODY, sent + 1000).age == 1000);
  CHECK(verify_with(verifier, forged, BODY, sent + 1000).verdict == DBT_SIGNATURE_NO_MATCH);
  dbt_verifier_free(verifier);

  verifier = new_verifier(SECRET_1, NULL, INFINITY, INFINITY);
  CHECK(verify_with(verifier, header, BODY, sent + 1e9).verdict == DBT_SIGNATURE_VALID);
  CHECK(verify_with(verifier, header, BODY, 0).verdict == DBT_SIGNATURE_VALID);
  dbt_verifier_free(verifier);
}

static void tells_a_missing_header(void) {
  CHECK(judge(NULL).verdict == DBT_SIGNATURE_MISSING);
  CHECK(judge("").verdict == DBT_SIGNATURE_MISSING);
  CHECK(judge(" \t ").verdict == DBT_SIGNATURE_MISSING);
}

static void says_how_a_header_is_malformed(void) {
  static const struct {
    const char *header, *problem;
  } cases[] = {
      {"nonsense", "an item is not name=value"},
      {"=1,v1=" MAC_1, "an item is not name=value"},
      {"t=" T ",,v1=" MAC_1, "an item is not name=value"},
      {"t=" T ",v1=" MAC_1 ",", "an item is not name=value"},
      {"v1=" MAC_1, "t is missing"},
      {"t=" T, "v1 is missing"},
      {"t=" T ",V1=" MAC_1, "v1 is missing"},
      {"t=" T ",v1 =" MAC_1, "v1 is missing"},
      {"t=" T ",t=" T ",v1=" MAC_1, "more than one t"},
      {"t=,v1=" MAC_1, "t is not a Unix time"},
      {"t=-1,v1=" MAC_1, "t is not a Unix time"},
      {"t=+1,v1=" MAC_1, "t is not a Unix time"},
      {"t=0x10,v1=" MAC_1, "t is not a Unix time"},
      {"t=1e9,v1=" MAC_1, "t is not a Unix time"},
      {"t= 1,v1=" MAC_1, "t is not a Unix time"},
      {"t=01720000000,v1=" MAC_1, "t is not a Unix time"},
      {"t=9007199254740993,v1=" MAC_1, "t is not a Unix time"},
      {"t=9223372036854775808,v1=" MAC_1, "t is not a Unix time"},
      {"t=18446744073709551617,v1=" MAC_1, "t is not a Unix time"},
      {"t=" T ",v1=", "a v1 signature is not 64 hex digits"},
      {"t=" T ",v1=abc", "a v1 signature is not 64 hex digits"},
      {"t=" T ",v1=" MAC_1 "0", "a v1 signature is not 64 hex digits"},
      {"t=" T ",v1=g" ZEROS, "a v1 signature is not 64 hex digits"},
      {"t=" T ",v1=" MAC_1 ",v1=zz", "a v1 signature is not 64 hex digits"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dbt_verification result = judge(cases[i].header);
    CHECK(result.verdict == DBT_SIGNATURE_MALFORMED);
    CHECK_TEXT(result.problem, cases[i].problem);
  }
  char not_hex[] = "t=" T ",v1=" ZEROS;
  not_hex[sizeof not_hex - 2] = 'g';
  CHECK_TEXT(judge(not_hex).problem, "a v1 signature is not 64 hex digits");
}

static void bounds_the_header(void) {
  char header[DBT_SIGNATURE_MAX_HEADER + 2] = "t=" T ",v1=" MAC_1;
  for (int i = 1; i < DBT_SIGNATURE_MAX_CANDIDATES; i++)
    strcat(header, ",v1=" ZEROS);
  CHECK(judge(header).verdict == DBT_SIGNATURE_VALID);
  strcat(header, ",v1=" ZEROS);
  CHECK_TEXT(judge(header).problem, "more than 16 v1 signatures");

  memset(header, ' ', sizeof header - 1);
  memcpy(header, "t=" T ",v1=" MAC_1, strlen("t=" T ",v1=" MAC_1));
  header[sizeof header - 1] = '\0';
  CHECK_TEXT(judge(header).problem, "longer than 4096 bytes");
  header[sizeof header - 2] = '\0';
  CHECK(judge(header).verdict == DBT_SIGNATURE_VALID);
}

static bool refuses_secret(const char *secret, const char *message) {
  dbt_verifier *verifier = new_verifier(SECRET_1, secret, 300, 30);
  dbt_verifier_free(verifier);
  bool refused = verifier == NULL && error.code == DBT_ARGUMENT &&
                 strcmp(error.message, message) == 0 && strcmp(error.where, "secrets[2]") == 0;
  if (!refused) printf("  \"%s\" gives \"%s\"\n", secret, error.message);
  return refused;
}

static void refuses_a_secret_that_is_not_base64(void) {
  CHECK(refuses_secret("", "webhook secret 2 of 2 is empty"));
  CHECK(refuses_secret("not base64 at all",
                       "webhook secret 2 of 2 has white space in it or around it"));
  CHECK(refuses_secret(SECRET_2 "\n", "webhook secret 2 of 2 has white space in it or around it"));
  CHECK(refuses_secret(" " SECRET_2, "webhook secret 2 of 2 has white space in it or around it"));
  CHECK(refuses_secret("abc", "webhook secret 2 of 2 is not Base64"));
  CHECK(refuses_secret("ab_-", "webhook secret 2 of 2 is not Base64"));
  CHECK(refuses_secret("a===", "webhook secret 2 of 2 is not Base64"));
  CHECK(refuses_secret("====", "webhook secret 2 of 2 is not Base64"));
  CHECK(refuses_secret("ab=c", "webhook secret 2 of 2 is not Base64"));
  CHECK(refuses_secret("ab\xC3\xB8", "webhook secret 2 of 2 is not Base64"));
  char longest[DBT_SIGNATURE_MAX_SECRET + 5];
  memset(longest, 'A', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  CHECK(refuses_secret(longest, "webhook secret 2 of 2 is longer than 1024 characters"));
  longest[DBT_SIGNATURE_MAX_SECRET] = '\0';
  dbt_verifier *verifier = new_verifier(longest, NULL, 300, 30);
  CHECK(verifier != NULL);
  dbt_verifier_free(verifier);
}

static void refuses_no_secret_and_too_many(void) {
  dbt_verifier_options options = {300, 30};
  error = (dbt_error){.code = DBT_OK};
  CHECK(dbt_verifier_new(NULL, 0, &options, &error) == NULL && error.code == DBT_ARGUMENT);
  dbt_shared_secret secrets[DBT_SIGNATURE_MAX_SECRETS + 1];
  for (size_t i = 0; i <= DBT_SIGNATURE_MAX_SECRETS; i++)
    secrets[i] = (dbt_shared_secret){SECRET_1, strlen(SECRET_1)};
  CHECK(dbt_verifier_new(secrets, DBT_SIGNATURE_MAX_SECRETS + 1, &options, NULL) == NULL);
  dbt_verifier *verifier = dbt_verifier_new(secrets, DBT_SIGNATURE_MAX_SECRETS, &options, NULL);
  CHECK(verifier != NULL);
  dbt_verifier_free(verifier);
}

static void signs_as_openssl_does(void) {
  char header[DBT_SIGNATURE_SIGNED_MAX];
  dbt_shared_secret secret = {SECRET_1, strlen(SECRET_1)};
  error = (dbt_error){.code = DBT_OK};
  CHECK(dbt_sign(secret, BODY, strlen(BODY), 1720000000, header, &error));
  CHECK_TEXT(header, "t=" T ",v1=" MAC_1);
  CHECK(dbt_sign(secret, "", 0, 9007199254740992LL, header, &error));
  CHECK(judge(header).verdict == DBT_SIGNATURE_NO_MATCH);
  CHECK(!dbt_sign(secret, "", 0, -1, header, &error) && error.code == DBT_ARGUMENT);
}

static void survives_want_of_memory(void) {
  STARVE_EACH_ALLOCATION(round) {
    dbt_verification result = {.verdict = DBT_SIGNATURE_MISSING};
    dbt_verifier *verifier = new_verifier(SECRET_1, SECRET_2, 300, 30);
    bool verified = verifier != NULL &&
                    dbt_verifier_verify(verifier, "t=" T ",v1=" MAC_1, strlen("t=" T ",v1=" MAC_1),
                                        BODY, strlen(BODY), sent, &result, &error);
    CHECK(verified ? result.verdict == DBT_SIGNATURE_VALID : error.code == DBT_NO_MEMORY);
    CHECK(verified || starve_struck);
    dbt_verifier_free(verifier);
  }
  starve_left = -1;
}

int main(void) {
  starve_openssl();
  TEST("what OpenSSL signed is accepted, in any order and beside unknown schemes",
       accepts_what_openssl_signed);
  TEST("any change to body, timestamp or signature is noticed", notices_any_change);
  TEST("every secret is tried with every signature", tries_every_secret_with_every_signature);
  TEST("the age is judged after the signature, with both ends of the window inside",
       judges_the_age_of_what_is_signed);
  TEST("an absent or empty header is missing, not malformed", tells_a_missing_header);
  TEST("a malformed header is refused with what is wrong in it", says_how_a_header_is_malformed);
  TEST("the header's length and number of signatures are bounded", bounds_the_header);
  TEST("a secret that is not Base64 is refused without being shown",
       refuses_a_secret_that_is_not_base64);
  TEST("no secret and too many secrets are refused", refuses_no_secret_and_too_many);
  TEST("signing gives what OpenSSL gives", signs_as_openssl_does);
  TEST("each allocation may fail without a leak or a false verdict", survives_want_of_memory);
  return check_summary();
}
