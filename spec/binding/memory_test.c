/* Lets each allocation of Lua fail in turn while the binding is at work: whatever C memory it holds
 * at that moment must be released, which the leak sanitizer sees. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>

#include "check.h"
#include "http_server.h"

int luaopen_debitura_core(lua_State *L);

static long allocations_left = -1; /* until one fails; negative: all succeed */
static bool struck;

static void *starving_allocator(void *data, void *block, size_t old_size, size_t size) {
  (void)data;
  if (size == 0) {
    free(block);
    return NULL;
  }
  bool grows = block == NULL || size > old_size; /* Lua relies on shrinking to succeed */
  if (grows && allocations_left >= 0 && allocations_left-- == 0) {
    struck = true;
    return NULL;
  }
  return realloc(block, size);
}

static const char *chunk;
static http_server server;

static bool runs_starved(long round) {
  lua_State *L = lua_newstate(starving_allocator, NULL);
  luaL_openlibs(L);
  luaopen_debitura_core(L);
  lua_setglobal(L, "core");
  lua_pushfstring(L, "http://127.0.0.1:%d", server.port);
  lua_setglobal(L, "url");
  CHECK(luaL_loadstring(L, chunk) == 0);
  struck = false;
  allocations_left = round;
  int status = lua_pcall(L, 0, 0, 0);
  allocations_left = -1;
  CHECK(status == 0 || struck);
  lua_close(L);
  return status == 0 && !struck;
}

static void leaks_nothing(void) {
  enum { ENOUGH = 5000 };
  long round = 0;
  while (round < ENOUGH && !runs_starved(round))
    round++;
  CHECK(round > 0 && round < ENOUGH);
}

int main(void) {
  static const struct {
    const char *sentence, *chunk;
  } cases[] = {
      {"decoding",
       "return core.json.decode('{\"a\":[1,{\"b\":\"a text of more than forty characters is a "
       "long one\"}],\"c\":null,\"d\":{}}')"},
      {"picking",
       "return core.json.pick('{\"a\":[1,{\"b\":\"a text of more than forty characters is "
       "a string of its own\"}]}', 'a', 'a.b', 'c')"},
      {"refusing what is not JSON", "return core.json.decode('[1,')"},
      {"encoding", "return core.json.encode({a = {1, 2, {b = 'x'}}, c = core.null, d = "
                   "core.json.array(), e = 1.5})"},
      {"encoding many names", "local t = {a = {b = 1}} for i = 1, 40 do t['name' .. i] = i end "
                              "return core.json.encode(t)"},
      {"refusing what JSON cannot say", "return core.json.encode({a = {1, 2, {b = print}}})"},
      {"reading a failure",
       "return core.envelope.read(422, {['retry-after'] = '1'}, "
       "'{\"businessErrors\":[{\"type\":\"MissingPowerOfAttorney\","
       "\"message\":\"m\",\"solutionUrl\":\"https://a.test\"}],\"errors\":{\"field\":[\"m\"]}}')"},
      {"verifying",
       "local secrets = {'c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMQ==', core.secret('c2FtcGxl')}\n"
       "local verifier = core.signature.verifier{secrets = secrets}\n"
       "verifier:verify('t=1,v1=' .. ('0'):rep(64), '{}', 1)"},
      {"signing", "return core.signature.sign('c2FtcGxl', '{}', 1)"},
      {"sending a request and reading its answer",
       "local engine = assert(core.engine{user_agent = 'sample', timeout = 20})\n"
       "local transfer = assert(engine:submit{method = 'POST', url = url .. '/hello', body = "
       "core.secret('sample'), "
       "headers = {Accept = 'text/plain', XApiKey = core.secret('sample')}})\n"
       "while not transfer:done() do engine:wait(1) end\n"
       "assert(transfer:result().body == 'hello')"},
      {"sending a form and giving up",
       "local engine = core.engine{}\n"
       "local transfer = assert(engine:submit{method = 'POST', url = url .. '/stall', "
       "form = {{name = 'a', data = 'b'}, {name = 'c', data = core.secret('d')}}})\n"
       "transfer:cancel()\n"
       "engine:step()\n"
       "transfer:result()"},
      {"refusing a request",
       "return core.engine{}:submit{method = 'GET', url = 'http://api.example/'}"},
      {"refusing a mail", "return core.engine{}:submit_mail{url = 'smtp://127.0.0.1', from = 'a', "
                          "to = {'b'}, message = 'c'}"},
      {"sealing", "local sealer = core.sealer{keys = "
                  "{core.secret('c2FtcGxlLXNhbXBsZS1zYW1wbGUtc2FtcGxlLTAxMjM=')}}\n"
                  "if sealer then return sealer:open('place', sealer:seal('place', 'text')) end"},
      {"hashing", "return core.digest.sha256(core.secret('sample'))"},
  };
  if (!server_start(&server)) return 1;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    chunk = cases[i].chunk;
    TEST(cases[i].sentence, leaks_nothing);
  }
  server_stop(&server);
  return check_summary();
}
