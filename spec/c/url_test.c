#include "check.h"
#include "http/base.h"
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

/* Whatever the locale: this program has not set any. */
static void unicode_hosts(void) {
  static const struct {
    const char *url, *host;
  } good[] = {
      {"https://b\xC3\xBC"
       "cher.example/x",
       "xn--bcher-kva.example"},
      {"https://B\xC3\x9C"
       "CHER.example",
       "xn--bcher-kva.example"},
      {"https://s\xC3\xB8ren.example:8443/", "xn--sren-gra.example"},
      {"https://xn--bcher-kva.example/", "xn--bcher-kva.example"},
      {"http://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1/", "127.0.0.1"},
  };
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    dbt_url url;
    char *used = NULL;
    CHECK(dbt_url_parse(&url, good[i].url, DBT_URL_HTTP, NULL));
    CHECK_TEXT(url.host, good[i].host);
    CHECK(curl_url_get(url.parsed, CURLUPART_HOST, &used, 0) == CURLUE_OK);
    CHECK_TEXT(used, good[i].host);
    curl_free(used);
    dbt_url_free(&url);
  }
  CHECK(!accepted("https://a\xFF.example/", DBT_URL_HTTP, false));
  CHECK(!accepted("http://\xE2\x93\x9Bocalhost.example/", DBT_URL_HTTP, false));
}

static void paths_can_be_added(void) {
  dbt_error error = {.code = DBT_OK};
  CHECK(dbt_url_is_base("https://api.example/customer", &error) && error.code == DBT_OK);
  CHECK(!dbt_url_is_base("https://api.example/?", &error) && error.code == DBT_ARGUMENT);
  CHECK(!dbt_url_is_base("https://api.example/#", NULL));
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

static dbt_bases bases;

static void learn(const char *text) {
  dbt_url url;
  CHECK(dbt_url_parse(&url, text, DBT_URL_HTTP, NULL));
  dbt_bases_add(&bases, &url, text);
  dbt_url_free(&url);
}

/* What is found for a URL, or NULL. */
static const char *target_of(const char *text, const char *host) {
  const char *target = NULL;
  dbt_base *base = dbt_bases_find(&bases, text, &target);
  CHECK((base == NULL) == (target == NULL));
  if (base != NULL) CHECK_TEXT(base->url.host, host);
  dbt_base_release(base);
  return target;
}

static void a_base_is_known_by_its_bytes(void) {
  static const char *const others[] = {"http://localhost:80/",
                                       "http://localhost:8080",
                                       "http://localhost:8080?a",
                                       "http://localhost:8080#/",
                                       "http://localhost:8080@a/",
                                       "http://localhost:8080.a.test/",
                                       "http://localhost:80801/",
                                       "http://localhost:8080\\@a",
                                       "HTTP://localhost:8080/",
                                       "https://localhost:8080/",
                                       "http://localhost/:8080/",
                                       "http://local",
                                       "http://localhost:8080:1/a",
                                       "/a",
                                       ""};
  learn("http://localhost:8080?a/b");
  learn("https://API.example");
  CHECK_TEXT(target_of("http://localhost:8080/", "localhost"), "/");
  CHECK_TEXT(target_of("https://API.example/clients/a%2Fb?c=d:e@f", "API.example"),
             "/clients/a%2Fb?c=d:e@f");
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    CHECK(target_of(others[i], "") == NULL);
  dbt_bases_free(&bases);
}

static void what_a_parser_changes_is_left_to_it(void) {
  static const char *const targets[] = {"/a/../b", "/a/./b", "/.",    "/..?a",  "/%2e%2E/a",
                                        "/a%2e",   "/a#b",   "/a b",  "/a\tb",  "/\xC3\xBC",
                                        "/a\"b",   "/a\\b",  "/a<b>", "/[::1]", "/{a}|^`"};
  learn("http://localhost/");
  for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
    char text[64];
    snprintf(text, sizeof text, "http://localhost%s", targets[i]);
    CHECK(target_of(text, "") == NULL);
  }
  CHECK_TEXT(target_of("http://localhost/a.b//c..d", "localhost"), "/a.b//c..d");
  dbt_bases_free(&bases);
}

static void the_last_bases_are_known(void) {
  const char *target;
  char text[64];
  learn("http://localhost:1/");
  dbt_base *held = dbt_bases_find(&bases, "http://localhost:1/", &target);
  for (int port = 2; port <= 2 * DBT_BASES_MAX; port++) {
    snprintf(text, sizeof text, "http://localhost:%d/", port);
    learn(text);
    learn(text);
  }
  for (int port = 1; port <= 2 * DBT_BASES_MAX; port++) {
    snprintf(text, sizeof text, "http://localhost:%d/", port);
    CHECK((target_of(text, "localhost") != NULL) == (port > DBT_BASES_MAX));
  }
  dbt_bases_free(&bases);
  CHECK_TEXT(held->url.host, "localhost");
  dbt_base_release(held);
}

int main(void) {
  TEST("a plain URL is taken when its host can only be this machine", plain_to_loopback_only);
  TEST("an encrypted URL is taken to anywhere", encrypted_to_anywhere);
  TEST("HTTP and mail have schemes of their own", each_use_has_its_schemes);
  TEST("a host in Unicode is used as DNS knows it, in any locale", unicode_hosts);
  TEST("a URL with a query or a fragment is no base", paths_can_be_added);
  TEST("a base that was found sound is known by its bytes alone", a_base_is_known_by_its_bytes);
  TEST("a path that a parser would change goes to the parser", what_a_parser_changes_is_left_to_it);
  TEST("the last bases are known, and one in use outlives the list", the_last_bases_are_known);
  TEST("127.0.0.0/8 and ::1 are this machine, nothing else", addresses_of_this_machine);
  return check_summary();
}
