#define _GNU_SOURCE
#include "include/cthread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct beginning {
  void *(*start)(void *);
  void *context;
  char name[16];
};

// A thread names itself: to whoever started it, it may have ended already.
static void *begin(void *context) {
  const struct beginning beginning = *(struct beginning *)context;
  free(context);
  pthread_setname_np(pthread_self(), beginning.name);
  return beginning.start(beginning.context);
}

int holdfast_start_thread(
    const char *name, size_t stack_size, void *(*start)(void *), void *context) {
  struct beginning *beginning = calloc(1, sizeof *beginning);
  if (beginning == NULL) return ENOMEM;
  beginning->start = start;
  beginning->context = context;
  strncpy(beginning->name, name, sizeof beginning->name - 1);
  pthread_attr_t attributes;
  int code = pthread_attr_init(&attributes);
  if (code == 0) {
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack_size);
    pthread_t thread;
    code = pthread_create(&thread, &attributes, begin, beginning);
    pthread_attr_destroy(&attributes);
  }
  if (code != 0) free(beginning);
  return code;
}
