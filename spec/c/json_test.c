#include "json/json.h"

#include <stdlib.h>

#include "check.h"
#include "starve.h"

static dbt_error error;

static cJSON *decode(const char *text) {
  dbt_json_limits limits = dbt_json_default_limits();
  error = (dbt_error){.code = DBT_OK};
  return dbt_json_decode(text, strlen(text), &limits, &error);
}

/* Text to document and back to text. */
static const char *round_trip(const char *text) {
  static char copy[512];
  cJSON *document = decode(text);
  char *printed = document != NULL ? cJSON_PrintUnformatted(document) : NULL;
  snprintf(copy, sizeof copy, "%s", printed != NULL ? printed : error.message);
  cJSON_free(printed);
  cJSON_Delete(document);
  return copy;
}

static void keeps_documents(void) {
  static const char *const documents[] = {
      "{\"a\":[],\"b\":{},\"c\":null,\"d\":[true,false]}",
      "[1000.1,0.01,-12.5,2147483648]",
      "\"S\xC3\xB8ren \xE2\x82\xAC \xF0\x9F\x98\x80 \\\"quoted\\\" \\\\ \\n\"",
      "[[[[]]]]",
      "7",
      "null",
  };
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    CHECK_TEXT(round_trip(documents[i]), documents[i]);
  CHECK_TEXT(round_trip(" [ 1 ,\t2\r\n] \n"), "[1,2]");
  CHECK_TEXT(round_trip("\"\\u00f8\\ud83d\\ude00\\/\""), "\"\xC3\xB8\xF0\x9F\x98\x80/\"");
  CHECK_TEXT(round_trip("\xEF\xBB\xBF{}"), "{}");
}

static void needs_no_terminator(void) {
  dbt_json_limits limits = dbt_json_default_limits();
  char *exact = malloc(4);
  CHECK(exact != NULL);
  memcpy(exact, "[12]", 4);
  cJSON *document = dbt_json_decode(exact, 4, &limits, NULL);
  CHECK(cJSON_GetArraySize(document) == 1);
  cJSON_Delete(document);
  CHECK(dbt_json_decode(exact, 3, &limits, NULL) == NULL);
  CHECK(dbt_json_decode(exact, 0, &limits, NULL) == NULL);
  free(exact);
}

static void refuses_what_is_not_json(void) {
  static const struct {
    const char *text, *where;
  } cases[] = {
      {"", "byte 1"},
      {"  ", "byte 2"},
      {"[1,", "byte 4"},
      {"{\"a\":1", "byte 7"},
      {"\"abc", "byte 5"},
      {"\"ab\\", "byte 5"},
      {"\"\\u12", "byte 3"},
      {"\"\\u12g4\"", "byte 3"},
      {"\"\\x\"", "byte 3"},
      {"[1}", "byte 3"},
      {"]", "byte 1"},
      {"[1,]", "byte 4"},
      {"{\"a\" 1}", "byte 6"},
      {"{a:1}", "byte 3"},
      {"truth", "byte 1"},
      {"nul", "byte 1"},
      {"[1] x", "byte 5"},
      {"{}{}", "byte 3"},
      {"01", "byte 3"},
      {"-", "byte 2"},
      {"1.", "byte 3"},
      {".5", "byte 1"},
      {"+1", "byte 1"},
      {"1e", "byte 3"},
      {"0x10", "byte 2"},
      {"NaN", "byte 1"},
      {"\"\\u0000\"", "byte 3"},
      {"\"\\ud800\"", "byte 2"},
      {"\"\\udc00x\"", "byte 2"},
      {"\"a\nb\"", "byte 3"},
      {"[\x01]", "byte 2"},
      {"\"\x80\"", "byte 2"},
      {"\"\xC0\x80\"", "byte 2"},
      {"\"\xED\xA0\x80\"", "byte 2"},
      {"\"\xF4\x90\x80\x80\"", "byte 2"},
      {"\"\xE2\x82\"", "byte 2"},
      {"\xC3\xB8", "byte 1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cJSON *document = decode(cases[i].text);
    if (document != NULL || strcmp(error.where, cases[i].where) != 0)
      printf("  in: %s\n", cases[i].text);
    CHECK(document == NULL);
    CHECK(error.code == DBT_SYNTAX);
    CHECK_TEXT(error.where, cases[i].where);
    cJSON_Delete(document);
  }
}

static void refuses_nul_bytes(void) {
  dbt_json_limits limits = dbt_json_default_limits();
  error = (dbt_error){.code = DBT_OK};
  CHECK(dbt_json_decode("[1]\0[2]", 7, &limits, &error) == NULL);
  CHECK_TEXT(error.where, "byte 4");
  error = (dbt_error){.code = DBT_OK};
  CHECK(dbt_json_decode("\"a\0b\"", 5, &limits, &error) == NULL);
  CHECK_TEXT(error.where, "byte 3");
}

/* Every prefix of a document, each in memory of its own, so that a read past the end is seen. */
static void survives_truncation(void) {
  static const char document[] =
      "{\"a\":[1,-2.5e3,\"x\\u00e5\xC3\xB8\\n\",true,null,{}],\"b\":{\"c\":[]}}";
  dbt_json_limits limits = dbt_json_default_limits();
  for (size_t length = 0; length < sizeof document - 1; length++) {
    char *prefix = malloc(length + 1);
    CHECK(prefix != NULL);
    memcpy(prefix, document, length);
    char *exact = realloc(prefix, length > 0 ? length : 1);
    CHECK(dbt_json_decode(exact, length, &limits, NULL) == NULL);
    free(exact);
  }
}

static bool hits_limit(const char *text, dbt_json_limits limits, const char *option) {
  error = (dbt_error){.code = DBT_OK};
  cJSON *document = dbt_json_decode(text, strlen(text), &limits, &error);
  cJSON_Delete(document);
  return document == NULL && error.code == DBT_LIMIT && strcmp(error.where, option) == 0;
}

static void holds_its_limits(void) {
  dbt_json_limits limits = {.max_bytes = 10, .max_depth = 3, .max_values = 4};
  CHECK(!hits_limit("[[[1]]]", limits, "max_depth"));
  CHECK(hits_limit("[[[[1]]]]", limits, "max_depth"));
  CHECK(!hits_limit("[1,2,3]", limits, "max_values"));
  CHECK(hits_limit("[1,2,3,4,5]", (dbt_json_limits){20, 3, 4}, "max_values"));
  CHECK(!hits_limit("\"12345678\"", limits, "max_bytes"));
  CHECK(hits_limit("\"123456789\"", limits, "max_bytes"));
}

static void bounds_depth_by_itself(void) {
  enum { DEPTH = 5000 };
  static char text[2 * DEPTH + 1];
  memset(text, '[', DEPTH);
  memset(text + DEPTH, ']', DEPTH);
  dbt_json_limits limits = dbt_json_default_limits();
  CHECK(hits_limit(text, limits, "max_depth"));
  limits.max_depth = 1000 * 1000;
  CHECK(hits_limit(text, limits, "max_depth"));
}

static void refuses_numbers_it_cannot_hold(void) {
  char digits[70] = "";
  CHECK(decode("1e400") == NULL && error.code == DBT_LIMIT);
  CHECK(decode("{\"a\":[{\"b\":-1e400}]}") == NULL && error.code == DBT_LIMIT);
  cJSON *largest = decode("1.7976931348623157e308");
  CHECK(largest != NULL && largest->valuedouble == 1.7976931348623157e308);
  cJSON_Delete(largest);
  memset(digits, '1', 63);
  cJSON *longest = decode(digits);
  CHECK(longest != NULL);
  cJSON_Delete(longest);
  digits[63] = '1';
  CHECK(decode(digits) == NULL && error.code == DBT_LIMIT);
}

static void survives_want_of_memory(void) {
  STARVE_EACH_ALLOCATION(round) {
    cJSON *document = decode("{\"a\":[1,\"x\",{\"b\":null}],\"c\":1e3}");
    if (document != NULL)
      cJSON_Delete(document);
    else
      CHECK(error.code == DBT_NO_MEMORY);
    CHECK((document == NULL) == starve_struck);
  }
}

int main(void) {
  starve_cjson();
  TEST("a document comes back from text and print as it was", keeps_documents);
  TEST("the text ends where its length says", needs_no_terminator);
  TEST("what is not JSON is refused, with the byte", refuses_what_is_not_json);
  TEST("a NUL byte neither ends the text nor hides what follows", refuses_nul_bytes);
  TEST("a truncated document is refused wherever it was cut", survives_truncation);
  TEST("bytes, depth and values are limited, and the failure names the option", holds_its_limits);
  TEST("the depth stays bounded whatever the caller asks for", bounds_depth_by_itself);
  TEST("a number that a double cannot hold is refused", refuses_numbers_it_cannot_hold);
  TEST("each allocation may fail without a leak or a crash", survives_want_of_memory);
  return check_summary();
}
