# `make demo` shows the module at work. `make test` runs the everyday tests, `make check-all` every
# test there is. All of them install what they need first (scripts/setup).

CC       ?= cc
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
CFLAGS   ?= -O2 -g
LIBS      = libcurl libcjson openssl
CORE_CPPFLAGS = -D_GNU_SOURCE -Isrc/core $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
CORE_LDLIBS   = $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lpthread
CORE_CFLAGS   = -std=c11 -fPIC -fvisibility=hidden -MMD -MP $(WARNINGS) $(CFLAGS)

# A Lua state unloads its C modules when it ends, which it does after each request in nginx with
# lua_code_cache off, while threads of libcurl's resolver may still run: this module stays.
comma       = ,
KEEP_LOADED = $(if $(filter Linux,$(shell uname)),-Wl$(comma)-z$(comma)nodelete)

CORE_SOURCES    = $(wildcard src/core/*/*.c)
BINDING_SOURCES = $(wildcard src/lua/*.c)
CORE_OBJECTS    = $(CORE_SOURCES:src/core/%.c=build/core/%.o)
C_FOLDERS       = src/core/* src/lua spec/c spec/binding spec/fuzz bench
C_FILES         = $(wildcard $(foreach folder,$(C_FOLDERS),$(folder)/*.[ch]))

# The interpreters served: directory name below build/ and pkg-config name.
ENGINES = lua5.4 luajit lua5.1 lua5.2 lua5.3
DEFAULT_ENGINES = lua5.4 luajit

.PHONY: demo test check-all soak build build-all core-test bench lint format format-check docs
.PHONY: clean setup rock rock-install portable-check release release-check newcomer

demo:
	@scripts/setup demo
	@$(MAKE) -s --no-print-directory build
	@scripts/demo

# Lua 5.1 cannot yield amid pcall, so that the recipes are tried on it, too.
test: setup build
	@$(MAKE) -s --no-print-directory build/lua5.1/debitura/core.so
	@scripts/test

# What takes longer as well: clang-tidy, cppcheck, valgrind, more fuzzing, all interpreters, pages
# in Chromium, and stores of a million.
check-all: setup build-all
	@scripts/test --all

# The model check over many seeds: make soak SEEDS=10000 FIRST=1
soak: setup build
	@scripts/soak $(or $(SEEDS),10000) $(or $(FIRST),1)

setup:
	@scripts/setup

# Flags asked of pkg-config before setup had installed the libraries would be empty,
# so building happens in a make of its own.
build:
	@CC="$(CC)" ENGINES="$(DEFAULT_ENGINES)" scripts/headers $(CORE_CPPFLAGS)
	@$(MAKE) -s --no-print-directory $(DEFAULT_ENGINES:%=build/%/debitura/core.so)

build-all:
	@CC="$(CC)" ENGINES="$(ENGINES)" scripts/headers $(CORE_CPPFLAGS)
	@$(MAKE) -s --no-print-directory $(ENGINES:%=build/%/debitura/core.so)

build/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	@echo "CC $@"
	@$(CC) $(CORE_CFLAGS) $(CORE_CPPFLAGS) -c $< -o $@

define engine_rules
build/$(1)/binding/%.o: src/lua/%.c
	@mkdir -p $$(@D)
	@echo "CC $$@"
	@$(CC) $(CORE_CFLAGS) $(CORE_CPPFLAGS) $(shell pkg-config --cflags $(1) 2>/dev/null) -c $$< -o $$@

build/$(1)/debitura/core.so: $(CORE_OBJECTS) $(BINDING_SOURCES:src/lua/%.c=build/$(1)/binding/%.o)
	@mkdir -p $$(@D)
	@echo "LD $$@"
	@$(CC) -shared $(CFLAGS) $(KEEP_LOADED) -o $$@.new $$^ $(CORE_LDLIBS) && mv $$@.new $$@
endef
$(foreach engine,$(ENGINES),$(eval $(call engine_rules,$(engine))))

# What `luarocks make` calls, with the directories it found. Each interpreter's rock has a directory
# of its own, apart from the everyday build. `sandbox` and `receive` run in nginx, whose Lua is
# LuaJIT: where its headers are, the rock of another Lua brings that core as well.
ROCK = build/rock-$(notdir $(LUA_INCDIR))
ROCK_LIBFLAG ?= -shared
ROCK_JIT := $(shell PKG_CONFIG_PATH="$$PKG_CONFIG_PATH:/usr/local/openresty/luajit/lib/pkgconfig" \
  pkg-config --cflags luajit 2>/dev/null)
rock_core = $(CC) $(ROCK_LIBFLAG) -std=c11 $(ROCK_CFLAGS) -fPIC -fvisibility=hidden \
  $(KEEP_LOADED) $(CORE_CPPFLAGS) $(1) $(ROCK_INCLUDES) $(CORE_SOURCES) $(BINDING_SOURCES) \
  $(ROCK_LIBRARIES) -lcurl -lcjson -lssl -lcrypto -lpthread -o $(2)
rock:
	@rm -rf $(ROCK) && mkdir -p $(ROCK)
	@CC="$(CC)" scripts/headers $(CORE_CPPFLAGS) $(ROCK_INCLUDES)
	$(call rock_core,-I$(LUA_INCDIR),$(ROCK)/core.so)
ifeq ($(and $(ROCK_JIT),$(if $(wildcard $(LUA_INCDIR)/luajit.h),,other)),other)
	@mkdir -p $(ROCK)/luajit/debitura
	$(call rock_core,$(ROCK_JIT),$(ROCK)/luajit/debitura/core.so)
endif

rock-install:
	@mkdir -p $(INST_LIBDIR)/debitura $(INST_LUADIR)
	cp -R $(ROCK)/. $(INST_LIBDIR)/debitura/
	cp -R lua/debitura $(INST_LUADIR)/
# LuaRocks has no place for manuals; `man` looks beside the directory of the command.
	@share="$(INST_PREFIX)"; share="$${share%%/lib/luarocks/*}/share/man/man1"; \
	  mkdir -p "$$share" && cp docs/debitura.1 "$$share/"

# Core and binding as on a system without epoll and eventfd.
PORTABLE = build/portable/debitura
portable-check: setup
	@mkdir -p $(PORTABLE)
	@$(CC) -shared -std=c11 -U__linux__ -fPIC -fvisibility=hidden $(WARNINGS) $(CFLAGS) \
	  $(CORE_CPPFLAGS) $$(pkg-config --cflags lua5.4) $(CORE_SOURCES) $(BINDING_SOURCES) \
	  $(CORE_LDLIBS) -o $(PORTABLE)/core.so
	@LUA_CPATH="build/portable/?.so" lua5.4 -l core=debitura.core \
	  -e 'assert(core.engine {}:fd() == nil and not core.doorbell(0, 1))'

# The core's own tests: no Lua, under AddressSanitizer and UndefinedBehaviorSanitizer.
core-test:
	@scripts/core-test

bench: setup build
	@scripts/bench

lint: setup
	@scripts/lint

format:
	clang-format -i $(C_FILES)

format-check:
	@clang-format --dry-run --Werror $(C_FILES)

docs: setup
	@scripts/docs && echo build/docs/index.html

# make release VERSION=1.0.0 checks, tags and builds; without VERSION it only builds.
# make release-check tries what was built in an empty Debian, as root.
release: setup build
	@scripts/release $(VERSION)

release-check: setup build
	@scripts/release-check

# What README.md and docs/start.md show, typed in an empty Debian, as root.
newcomer: setup build
	@scripts/newcomer --tests

clean:
	rm -rf build

-include $(wildcard build/core/*/*.d build/*/binding/*.d)
