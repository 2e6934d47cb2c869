#include "json/tree.h"

#include <stdlib.h>

#include "check.h"
#include "starve.h"

static dbt_error error;

static dbt_json_document document;

static bool decode(const char *text, size_t length) {
  dbt_json_limits limits = dbt_json_default_limits();
  error = (dbt_error){.code = DBT_OK};
  dbt_json_release(&document);
  return dbt_json_decode(&document, text, length, &limits, &error);
}

/* Text to document, from there to a tree, and back to text. */
static const char *round_trip(const char *text) {
  static char copy[512];
  cJSON *tree = decode(text, strlen(text)) ? dbt_json_tree(&document) : NULL;
  char *printed = tree != NULL ? cJSON_PrintUnformatted(tree) : NULL;
  snprintf(copy, sizeof copy, "%s", printed != NULL ? printed : error.message);
  cJSON_free(printed);
  cJSON_Delete(tree);
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

/* Each value as a letter and what it holds. */
static void lays_values_out_in_order(void) {
  static const char text[] = "{\"a\":[1,-2.5,\"b\\n\"],\"c\":{},\"d\":[true,false,null]}";
  static const struct {
    dbt_json_kind kind;
    uint32_t count;
  } expected[] = {{DBT_JSON_OBJECT, 3},  {DBT_JSON_TEXT, 1},   {DBT_JSON_ARRAY, 3},
                  {DBT_JSON_INTEGER, 0}, {DBT_JSON_NUMBER, 0}, {DBT_JSON_ESCAPED, 3},
                  {DBT_JSON_TEXT, 1},    {DBT_JSON_OBJECT, 0}, {DBT_JSON_TEXT, 1},
                  {DBT_JSON_ARRAY, 3},   {DBT_JSON_TRUE, 0},   {DBT_JSON_FALSE, 0},
                  {DBT_JSON_NULL, 0}};
  CHECK(decode(text, sizeof text - 1));
  for (size_t i = 0; i < sizeof expected / sizeof *expected && document.cells != NULL; i++) {
    CHECK(document.cells[i].kind == expected[i].kind);
    if (expected[i].count > 0) CHECK(document.cells[i].count == expected[i].count);
  }
  CHECK(document.cells[3].as.integer == 1 && document.cells[4].as.number == -2.5);
  CHECK(dbt_json_unescape(&document.cells[5], document.room) == 2);
  CHECK(memcmp(document.room, "b\n", 2) == 0);
}

static void needs_no_terminator(void) {
  char *exact = malloc(4);
  CHECK(exact != NULL);
  memcpy(exact, "[12]", 4);
  CHECK(decode(exact, 4) && document.cells[0].count == 1);
  CHECK(!decode(exact, 3));
  CHECK(!decode(exact, 0));
  free(exact);
}

static void refuses_what_is_not_json(void) {
  static const struct {
    const char *text, *where;
  } cases[] = {
      {"", "byte 1"},
      {"  ", "byte 3"},
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
      {"{a:1}", "byte 2"},
      {"truth", "byte 1"},
      {"nul", "byte 4"},
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
      {"\"\\ud800\\\"", "byte 10"},
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
    bool refused = !decode(cases[i].text, strlen(cases[i].text));
    if (!refused || strcmp(error.where, cases[i].where) != 0) printf("  in: %s\n", cases[i].text);
    CHECK(refused && document.cells == NULL);
    CHECK(error.code == DBT_SYNTAX);
    CHECK_TEXT(error.where, cases[i].where);
  }
}

static void refuses_nul_bytes(void) {
  CHECK(!decode("[1]\0[2]", 7));
  CHECK_TEXT(error.where, "byte 4");
  CHECK(!decode("\"a\0b\"", 5));
  CHECK_TEXT(error.where, "byte 3");
}

/* Every prefix of a document, each in memory of its own, so that a read past the end is seen. */
static void survives_truncation(void) {
  static const char text[] =
      "{\"a\":[1,-2.5e3,\"x\\u00e5\xC3\xB8\\n\",true,null,{}],\"b\":{\"c\":[]}}";
  for (size_t length = 0; length < sizeof text - 1; length++) {
    char *prefix = malloc(length + 1);
    CHECK(prefix != NULL);
    memcpy(prefix, text, length);
    char *exact = realloc(prefix, length > 0 ? length : 1);
    CHECK(!decode(exact, length));
    free(exact);
  }
}

static bool hits_limit(const char *text, dbt_json_limits limits, const char *option) {
  error = (dbt_error){.code = DBT_OK};
  dbt_json_release(&document);
  return !dbt_json_decode(&document, text, strlen(text), &limits, &error) &&
         error.code == DBT_LIMIT && strcmp(error.where, option) == 0;
}

static void holds_its_limits(void) {
  dbt_json_limits limits = {.max_bytes = 10, .max_depth = 3, .max_values = 4};
  CHECK(!hits_limit("[[[1]]]", limits, "max_depth"));
  CHECK(hits_limit("[[[[1]]]]", limits, "max_depth"));
  CHECK(!hits_limit("[1,2,3]", limits, "max_values"));
  CHECK(hits_limit("[1,2,3,4]", limits, "max_values"));
  CHECK(!hits_limit("{\"a\":1}", (dbt_json_limits){20, 3, 2}, "max_values"));
  CHECK(hits_limit("{\"a\":1}", (dbt_json_limits){20, 3, 1}, "max_values"));
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

/* A text that C would take for shorter is no text to cJSON. */
static void keeps_nul_bytes_out_of_trees(void) {
  CHECK_TEXT(round_trip("{\"a\":\"x\\u0000y\",\"b\\u0000\":[1],\"c\":2}"), "{\"a\":null,\"c\":2}");
}

/* The linker puts these in the place of the core's allocations, see scripts/core-test. */
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_realloc(void *block, size_t size) {
  return starve_now() ? NULL : __real_realloc(block, size);
}

void *__wrap_malloc(size_t size) {
  return starve_now() ? NULL : __real_malloc(size);
}

/* Long enough for the tape to grow, and with a text that needs room. */
static void decodes_without_memory(void) {
  enum { VALUES = 1000 };
  static char text[2 * VALUES + 16] = "[\"a\\n\"";
  size_t length = strlen(text);
  while (length < sizeof text - 3)
    length += (size_t)snprintf(text + length, sizeof text - length, ",1");
  text[length++] = ']';
  STARVE_EACH_ALLOCATION(round) {
    CHECK(decode(text, length) != starve_struck);
    CHECK((error.code == DBT_NO_MEMORY) == starve_struck);
    CHECK((document.cells == NULL) == starve_struck);
  }
}

static void survives_want_of_memory(void) {
  static const char text[] = "{\"a\":[1,\"x\",{\"b\":null}],\"c\":1e3}";
  CHECK(decode(text, sizeof text - 1));
  STARVE_EACH_ALLOCATION(round) {
    cJSON *tree = dbt_json_tree(&document);
    CHECK((tree == NULL) == starve_struck);
    cJSON_Delete(tree);
  }
}

/* The number that a document has under a name, or -1. */
static int64_t number_of(const char *text, const char *name, size_t length) {
  CHECK(decode(text, strlen(text)));
  const dbt_json_cell *found = dbt_json_member(&document, document.cells, name, length);
  return found != NULL && found->kind == DBT_JSON_INTEGER ? found->as.integer : -1;
}

static void finds_members(void) {
  CHECK(number_of("{\"a\":1,\"b\":2}", "b", 1) == 2);
  CHECK(number_of("{\"a\":1,\"b\":2,\"b\":3}", "b", 1) == 3);
  CHECK(number_of("{\"x\":[[],{\"b\":1},{}],\"b\":{\"b\":4},\"b\":5,\"y\":{}}", "b", 1) == 5);
  CHECK(number_of("{\"a\\u0000\\nb\":6,\"a\":7}", "a\0\nb", 4) == 6);
  CHECK(number_of("{\"\":8}", "", 0) == 8);
  CHECK(number_of("{\"ab\":1,\"\\u0061b\":9}", "ab", 2) == 9);
  CHECK(number_of("{\"abc\":1,\"b\":2}", "ab", 2) == -1);
  CHECK(number_of("{}", "a", 1) == -1);
  CHECK(number_of("[\"a\",1]", "a", 1) == -1);
  CHECK(number_of("\"a\"", "a", 1) == -1);
}

int main(void) {
  starve_cjson();
  TEST("a document comes back from text and print as it was", keeps_documents);
  TEST("a tape has each value before what is in it", lays_values_out_in_order);
  TEST("the text ends where its length says", needs_no_terminator);
  TEST("what is not JSON is refused, with the byte", refuses_what_is_not_json);
  TEST("a NUL byte neither ends the text nor hides what follows", refuses_nul_bytes);
  TEST("a truncated document is refused wherever it was cut", survives_truncation);
  TEST("bytes, depth and values are limited, and the failure names the option", holds_its_limits);
  TEST("the depth stays bounded whatever the caller asks for", bounds_depth_by_itself);
  TEST("a member is found by its name, the last of several", finds_members);
  TEST("a text with a NUL byte does not reach a tree", keeps_nul_bytes_out_of_trees);
  TEST("each allocation of decoding may fail without a leak", decodes_without_memory);
  TEST("each allocation of a tree may fail without a leak or a crash", survives_want_of_memory);
  dbt_json_release(&document);
  return check_summary();
}
