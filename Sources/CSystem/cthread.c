#define _GNU_SOURCE
#include "include/cthread.h"

#include <pthread.h>
#include <string.h>

int holdfast_start_thread(
    const char *name, size_t stack_size, void *(*start)(void *), void *context) {
  pthread_attr_t attributes;
  int code = pthread_attr_init(&attributes);
  if (code != 0) return code;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stack_size);
  pthread_t thread;
  code = pthread_create(&thread, &attributes, start, context);
  pthread_attr_destroy(&attributes);
  if (code == 0) {
    char shortened[16] = {0};
    strncpy(shortened, name, sizeof shortened - 1);
    pthread_setname_np(thread, shortened);
  }
  return code;
}
