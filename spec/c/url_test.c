#include "check.h"
#include "http/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool accepted(const char *text, dbt_url_use use, bool loopback) {
  dbt_url url;
  dbt_error error = {.code = DBT_OK};
  if (!dbt_url_parse(&url, text, use, &error)) {
    CHECK(error.code == DBT_ARGUMENT && url.parsed == NULL && url.host == NULL);
    return false;
  }
  CHECK(url.loopback == loopback);
  dbt_url_free(&url);
  return true;
}

static void plain_to_loopback_only(void) {
  static const char *const good[] = {"http://127.0.0.1/", "http://127.1:8080/x",
                                     "http://0x7f.1/",    "http://LOCALHOST:1/?a#b",
                                     "http://[::1]/",     "http://127.255.255.254/"};
  static const char *const bad[] = {
      "http://api.example/",    "http://localhost./",       "http://a.localhost/",
      "http://128.0.0.1/",      "http://[::ffff:7f00:1]/",  "http://[::]/",
      "http://127.0.0.1.test/", "http://127.0.0.1@a.test/", "http://0/",
      "http://127.0.0.1\\@a/",  "http://a.test#@localhost/"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    CHECK(accepted(good[i], DBT_URL_HTTP, true));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CHECK(!accepted(bad[i], DBT_URL_HTTP, false));
}

static void encrypted_to_anywhere(void) {
  CHECK(accepted("https://api.example/a?b=c", DBT_URL_HTTP, false));
  CHECK(accepted("https://127.0.0.1/", DBT_URL_HTTP, true));
  CHECK(accepted("smtps://mail.example", DBT_URL_MAIL, false));
  CHECK(accepted("smtp://mail.example:587", DBT_URL_MAIL, false));
}

static void each_use_has_its_schemes(void) {
  CHECK(!accepted("smtps://mail.example", DBT_URL_HTTP, false));
  CHECK(!accepted("https://mail.example", DBT_URL_MAIL, false));
  CHECK(!accepted("file:///etc/passwd", DBT_URL_HTTP, false));
  CHECK(!accepted("api.example", DBT_URL_HTTP, false));
}

static bool is_loopback(int family, const char *text) {
  union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  } address = {.any.sa_family = (sa_family_t)family};
  void *bytes =
      family == AF_INET ? (void *)&address.ipv4.sin_addr : (void *)&address.ipv6.sin6_addr;
  CHECK(inet_pton(family, text, bytes) == 1);
  return dbt_address_is_loopback(&address.any);
}

static void addresses_of_this_machine(void) {
  CHECK(is_loopback(AF_INET, "127.0.0.1") && is_loopback(AF_INET, "127.9.9.9") &&
        is_loopback(AF_INET6, "::1"));
  CHECK(!is_loopback(AF_INET, "126.255.255.255") && !is_loopback(AF_INET, "128.0.0.1"));
  CHECK(!is_loopback(AF_INET, "0.0.0.0") && !is_loopback(AF_INET6, "::") &&
        !is_loopback(AF_INET6, "::ffff:127.0.0.1"));
}

int main(void) {
  TEST("a plain URL is taken when its host can only be this machine", plain_to_loopback_only);
  TEST("an encrypted URL is taken to anywhere", encrypted_to_anywhere);
  TEST("HTTP and mail have schemes of their own", each_use_has_its_schemes);
  TEST("127.0.0.0/8 and ::1 are this machine, nothing else", addresses_of_this_machine);
  return check_summary();
}
