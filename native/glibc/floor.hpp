#pragma once

// In front of every source of a build for glibc: functions that moved from libpthread and libdl into libc with
// glibc 2.34, or from one to the other with 2.32, have new versions there, and a linker takes the newest. The first
// versions are still offered, and they are what the systems have on which the oldest Node runs (glibc 2.28).

#include <features.h>

#ifdef __GLIBC__
#if defined(__x86_64__)
#define OPENAIS_FIRST_GLIBC "GLIBC_2.2.5"
#define OPENAIS_FIRST_GLIBC_SETNAME "GLIBC_2.12"
#elif defined(__aarch64__)
#define OPENAIS_FIRST_GLIBC "GLIBC_2.17"
#define OPENAIS_FIRST_GLIBC_SETNAME "GLIBC_2.17"
#endif
#endif

#ifdef OPENAIS_FIRST_GLIBC
#define OPENAIS_VERSION(name, version) __asm__(".symver " #name "," #name "@" version)
OPENAIS_VERSION(dlerror, OPENAIS_FIRST_GLIBC);
OPENAIS_VERSION(dlopen, OPENAIS_FIRST_GLIBC);
OPENAIS_VERSION(dlsym, OPENAIS_FIRST_GLIBC);
OPENAIS_VERSION(pthread_create, OPENAIS_FIRST_GLIBC);
OPENAIS_VERSION(pthread_join, OPENAIS_FIRST_GLIBC);
OPENAIS_VERSION(pthread_setname_np, OPENAIS_FIRST_GLIBC_SETNAME);
OPENAIS_VERSION(pthread_sigmask, OPENAIS_FIRST_GLIBC);
#undef OPENAIS_VERSION
#endif
