/* A few lines of test harness: CHECK notes a failure and goes on; TEST names what is true; the
   program ends with one line `N passed, N failed`. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int check_passed, check_failed;
static bool check_ok;

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      check_ok = false;                                                                            \
      printf("  %s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                           \
    }                                                                                              \
  } while (0)

#define CHECK_TEXT(actual, expected)                                                               \
  do {                                                                                             \
    const char *check_actual = (actual), *check_expected = (expected);                             \
    if (check_actual == NULL || strcmp(check_actual, check_expected) != 0) {                       \
      check_ok = false;                                                                            \
      printf("  %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #actual,                   \
             check_actual != NULL ? check_actual : "(null)", check_expected);                      \
    }                                                                                              \
  } while (0)

#define TEST(sentence, function)                                                                   \
  do {                                                                                             \
    check_ok = true;                                                                               \
    function();                                                                                    \
    if (check_ok)                                                                                  \
      check_passed++;                                                                              \
    else {                                                                                         \
      check_failed++;                                                                              \
      printf("  FAILED: %s\n", sentence);                                                          \
    }                                                                                              \
  } while (0)

static inline int check_summary(void) {
  printf("%d passed, %d failed\n", check_passed, check_failed);
  return check_failed == 0 ? 0 : 1;
}

#endif
