#include "json/write.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "check.h"

static dbt_json_writer writer;

static void begin(size_t max_bytes, size_t max_depth, size_t max_values) {
  dbt_json_writer_free(&writer);
  writer = (dbt_json_writer){.limits = {max_bytes, max_depth, max_values}};
}

static void begin_by_default(void) {
  dbt_json_limits limits = dbt_json_default_limits();
  begin(limits.max_bytes, limits.max_depth, limits.max_values);
}

/* What was written, or why not. */
static const char *written(void) {
  static char copy[512];
  if (writer.error.code != DBT_OK) return writer.error.message;
  snprintf(copy, sizeof copy, "%.*s", (int)writer.text.length, writer.text.bytes);
  return copy;
}

static const char *number(double value) {
  begin_by_default();
  CHECK(dbt_json_write_number(&writer, value) == (writer.error.code == DBT_OK));
  return written();
}

static const char *integer(long long value) {
  begin_by_default();
  CHECK(dbt_json_write_integer(&writer, value));
  return written();
}

static const char *string(const char *bytes, size_t length) {
  begin_by_default();
  CHECK(dbt_json_write_string(&writer, bytes, length) == (writer.error.code == DBT_OK));
  return written();
}

static bool name(const char *text) {
  return dbt_json_write_name(&writer, text, strlen(text));
}

static bool text(const char *text) {
  return dbt_json_write_string(&writer, text, strlen(text));
}

static void writes_documents(void) {
  begin_by_default();
  bool done =
      dbt_json_write_open(&writer, '{') && name("cases") && dbt_json_write_open(&writer, '[') &&
      dbt_json_write_open(&writer, '{') && name("amount") &&
      dbt_json_write_number(&writer, 1000.1) && name("note") && dbt_json_write_null(&writer) &&
      dbt_json_write_close(&writer, '}') && dbt_json_write_boolean(&writer, true) &&
      dbt_json_write_boolean(&writer, false) && dbt_json_write_close(&writer, ']') &&
      name("empty") && dbt_json_write_open(&writer, '[') && dbt_json_write_close(&writer, ']') &&
      name("none") && dbt_json_write_open(&writer, '{') && dbt_json_write_close(&writer, '}') &&
      name("text") && text("a") && dbt_json_write_close(&writer, '}');
  CHECK(done);
  CHECK_TEXT(written(),
             "{\"cases\":[{\"amount\":1000.1,\"note\":null},true,false],\"empty\":[],\"none\":{},"
             "\"text\":\"a\"}");
}

static void escapes_what_must_be(void) {
  CHECK_TEXT(string("", 0), "\"\"");
  CHECK_TEXT(string("plain text / of some length, \x7F too", 34),
             "\"plain text / of some length, \x7F too\"");
  CHECK_TEXT(string("\"\\\b\f\n\r\t\x01\x1F\0", 10),
             "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000\"");
  CHECK_TEXT(string("S\xC3\xB8ren\n\xE2\x82\xAC \xF0\x9F\x98\x80", 15),
             "\"S\xC3\xB8ren\\n\xE2\x82\xAC \xF0\x9F\x98\x80\"");
  begin_by_default();
  CHECK(dbt_json_write_open(&writer, '{') && name("a\n\"") && text("x") &&
        dbt_json_write_close(&writer, '}'));
  CHECK_TEXT(written(), "{\"a\\n\\\"\":\"x\"}");
}

/* Each byte six times as long, far beyond the room that was there at first. */
static void escapes_long_strings(void) {
  enum { LENGTH = 10000 };
  static char bytes[LENGTH];
  memset(bytes, 1, LENGTH);
  begin_by_default();
  CHECK(dbt_json_write_string(&writer, bytes, LENGTH));
  CHECK(writer.text.length == 6 * LENGTH + 2);
  dbt_json_limits limits = dbt_json_default_limits();
  dbt_json_document read;
  CHECK(dbt_json_decode(&read, writer.text.bytes, writer.text.length, &limits, NULL));
  CHECK(dbt_json_unescape(read.cells, read.room) == LENGTH &&
        memcmp(read.room, bytes, LENGTH) == 0);
  dbt_json_release(&read);
}

static void writes_numbers_exactly(void) {
  CHECK_TEXT(number(0), "0");
  CHECK_TEXT(number(-7), "-7");
  CHECK_TEXT(number(1000.10), "1000.1");
  CHECK_TEXT(number(0.1), "0.1");
  CHECK_TEXT(number(-0.05), "-0.05");
  CHECK_TEXT(number(0.1 + 0.2), "0.30000000000000004");
  CHECK_TEXT(number(0.0001), "0.0001");
  CHECK_TEXT(number(0.00001), "1e-05");
  CHECK_TEXT(number(1e15), "1000000000000000");
  CHECK_TEXT(number(9007199254740992.0), "9007199254740992");
  CHECK_TEXT(number(-9007199254740992.0), "-9007199254740992");
  CHECK_TEXT(number(9007199254740994.0), "9007199254740994");
  CHECK_TEXT(number(-0.0), "-0");
  CHECK_TEXT(number(1e300), "1e+300");
  CHECK_TEXT(number(5e-324), "4.94065645841247e-324");
  CHECK_TEXT(number(1.7976931348623157e308), "1.7976931348623157e+308");
  CHECK_TEXT(number(-2.2250738585072014e-308), "-2.2250738585072014e-308");
  /* One bit apart. */
  CHECK_TEXT(number(1234.5600000000002), "1234.5600000000002");
  CHECK_TEXT(number(1234.56), "1234.56");
  CHECK_TEXT(integer(9223372036854775807LL), "9223372036854775807");
  CHECK_TEXT(integer(-9223372036854775807LL - 1), "-9223372036854775808");
}

/* What has 15 digits is exactly what printf makes of it with 15. */
static void writes_amounts_as_printf_does(void) {
  static const double scales[] = {10, 100, 1000, 10000, 100000};
  for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
    for (long units = 1; units < 400000000; units = units * 3 / 2 + 1) {
      char expected[40];
      double amount = (double)units / scales[i];
      snprintf(expected, sizeof expected, "%.15g", amount);
      CHECK_TEXT(number(amount), expected);
      snprintf(expected, sizeof expected, "%.15g", -amount);
      CHECK_TEXT(number(-amount), expected);
    }
}

static void writes_any_double_so_that_it_comes_back(void) {
  uint64_t bits = 1;
  for (int i = 0; i < 20000; i++) {
    double value;
    bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value)) CHECK(strtod(number(value), NULL) == value);
  }
}

static void refuses_what_json_cannot_say(void) {
  CHECK_TEXT(number(NAN), "cannot be encoded as JSON: NaN is not a JSON number");
  CHECK(writer.error.code == DBT_UNENCODABLE);
  CHECK_TEXT(number(-INFINITY), "cannot be encoded as JSON: infinity is not a JSON number");
  static const struct {
    const char *bytes;
    size_t length;
  } cases[] = {
      {"\xFF", 1},         {"plain text \x80", 12}, {"S\xC3", 2},
      {"\n\xC0\x80", 3},   {"\xE2\x82", 2},         {"\xED\xA0\x80", 3},
      {"\xE0\x9F\xBF", 3}, {"\xF0\x8F\xBF\xBF", 4}, {"\xF4\x90\x80\x80", 4},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CHECK_TEXT(string(cases[i].bytes, cases[i].length),
               "cannot be encoded as JSON: a string that is not UTF-8");
    begin_by_default();
    CHECK(dbt_json_write_open(&writer, '{'));
    CHECK(!dbt_json_write_name(&writer, cases[i].bytes, cases[i].length));
    CHECK_TEXT(written(), "cannot be encoded as JSON: a key that is not UTF-8");
  }
}

static bool is_at_limit(bool done, const char *message) {
  bool refused =
      !done && writer.error.code == DBT_LIMIT && strcmp(writer.error.message, message) == 0;
  if (!refused) printf("  %s\n", writer.error.message);
  return refused;
}

static void holds_its_limits(void) {
  static const char *const bytes = "cannot be encoded as JSON: too many bytes (max_bytes)",
                           *const depth =
                               "cannot be encoded as JSON: nested too deeply (max_depth)",
                           *const values =
                               "cannot be encoded as JSON: too many values (max_values)";
  begin(4, 2, 3);
  CHECK(dbt_json_write_open(&writer, '[') && text("1234"));
  CHECK(is_at_limit(text("5"), bytes));
  begin(4, 2, 3);
  CHECK(dbt_json_write_open(&writer, '{') && name("123"));
  CHECK(is_at_limit(text("45"), bytes));
  begin(4, 2, 3);
  CHECK(dbt_json_write_open(&writer, '{') && name("123") && text("4"));
  CHECK(is_at_limit(name("5"), bytes));
  begin(4, 2, 3);
  CHECK(dbt_json_write_open(&writer, '[') && dbt_json_write_open(&writer, '['));
  CHECK(is_at_limit(dbt_json_write_may_nest(&writer), depth));
  begin(4, 2, 3);
  CHECK(dbt_json_write_open(&writer, '[') && dbt_json_write_open(&writer, '{'));
  CHECK(is_at_limit(dbt_json_write_open(&writer, '{'), depth));
  begin(4, 1, 4);
  CHECK(dbt_json_write_open(&writer, '[') && dbt_json_write_close(&writer, ']'));
  CHECK(dbt_json_write_open(&writer, '[') && dbt_json_write_null(&writer) &&
        dbt_json_write_integer(&writer, 1));
  CHECK(is_at_limit(dbt_json_write_boolean(&writer, true), values));
}

static void stays_with_the_first_failure(void) {
  begin_by_default();
  CHECK(dbt_json_write_open(&writer, '[') && !dbt_json_write_number(&writer, NAN));
  CHECK(!dbt_json_write_refuse(&writer, DBT_UNENCODABLE, "another reason"));
  CHECK(!dbt_json_write_null(&writer) && !dbt_json_write_boolean(&writer, true));
  CHECK(!dbt_json_write_integer(&writer, 1) && !dbt_json_write_number(&writer, 0.5));
  CHECK(!text("a") && !text("\xFF") && !name("a"));
  CHECK(!dbt_json_write_open(&writer, '[') && !dbt_json_write_close(&writer, ']'));
  CHECK_TEXT(written(), "cannot be encoded as JSON: NaN is not a JSON number");
  begin_by_default();
  CHECK(!dbt_json_write_refuse(&writer, DBT_UNENCODABLE, "a function"));
  CHECK_TEXT(written(), "cannot be encoded as JSON: a function");
}

/* A text that is as long as memory goes cannot grow. */
static void survives_want_of_memory(void) {
  enum { STEPS = 8 };
  for (int step = 0; step < STEPS; step++) {
    begin_by_default();
    writer.text.length = (size_t)-1 / 4;
    bool done = step == 0   ? dbt_json_write_null(&writer)
                : step == 1 ? dbt_json_write_boolean(&writer, true)
                : step == 2 ? dbt_json_write_integer(&writer, 1)
                : step == 3 ? dbt_json_write_number(&writer, 0.5)
                : step == 4 ? text("a")
                : step == 5 ? name("a")
                : step == 6 ? dbt_json_write_open(&writer, '[')
                            : dbt_json_write_close(&writer, ']');
    CHECK(!done && writer.error.code == DBT_NO_MEMORY);
  }
}

int main(void) {
  TEST("values, names and brackets become one text with commas where they belong",
       writes_documents);
  TEST("quotes, backslashes and control characters are escaped, nothing else",
       escapes_what_must_be);
  TEST("a string may grow to six times its length", escapes_long_strings);
  TEST("numbers are written so that the same double comes back", writes_numbers_exactly);
  TEST("amounts are written with the digits they were read with", writes_amounts_as_printf_does);
  TEST("any double is read back as it was", writes_any_double_so_that_it_comes_back);
  TEST("NaN, infinity and invalid UTF-8 are refused, not changed", refuses_what_json_cannot_say);
  TEST("bytes, depth and values are limited, and the failure names the option", holds_its_limits);
  TEST("nothing is written after a failure, and the first one is told",
       stays_with_the_first_failure);
  TEST("want of memory is a failure like any other", survives_want_of_memory);
  dbt_json_writer_free(&writer);
  return check_summary();
}
