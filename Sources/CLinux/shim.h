// What Linux has and Swift's Glibc module leaves out. Empty elsewhere.
#pragma once
#ifdef __linux__

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Swift reads neither macros with casts nor a packed struct's union reliably; these do.

static const uint32_t chat_epollin = EPOLLIN;
static const uint32_t chat_epollout = EPOLLOUT;
static const uint32_t chat_epollerr = EPOLLERR;
static const uint32_t chat_epollhup = EPOLLHUP;
static const uint32_t chat_epollrdhup = EPOLLRDHUP;

static inline int chat_epoll_add(int epoll, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int chat_epoll_change(int epoll, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

static inline uint32_t chat_event_flags(const struct epoll_event *events, int index) { return events[index].events; }
static inline uint64_t chat_event_data(const struct epoll_event *events, int index) { return events[index].data.u64; }

// A timer on CLOCK_MONOTONIC that makes its descriptor readable.
static inline int chat_timer_make(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

// At an absolute time in nanoseconds, never 0; in the past: at once.
static inline int chat_timer_set(int timer, int64_t at) {
    struct itimerspec spec;
    memset(&spec, 0, sizeof spec);
    spec.it_value.tv_sec = at / 1000000000;
    spec.it_value.tv_nsec = at % 1000000000;
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

#ifndef SCHED_BATCH
#define SCHED_BATCH 3
#endif

// The calling thread, and those that it starts, no longer interrupt others when they are woken; see sched(7). Not where it
// has been given another policy than the usual one.
static inline int chat_schedule_as_batch(void) {
    struct sched_param none;
    memset(&none, 0, sizeof none);
    if (sched_getscheduler(0) != SCHED_OTHER) return 0;
    return sched_setscheduler(0, SCHED_BATCH, &none);
}

// SIGINT and SIGTERM as a descriptor, and no longer as what ends the process.
static inline int chat_signals_make(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

// Gives both back their usual effect.
static inline void chat_signals_release(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// A TCP socket that does not block, with no delay for small writes. A source address is bound without a port, which the
// kernel then chooses per destination: a host has 28,000 per pair of addresses.
static inline int chat_socket_make(int family) {
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0) return -1;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static inline int chat_socket_bind_source(int fd, uint32_t address) {
    int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in source;
    memset(&source, 0, sizeof source);
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(address);
    return bind(fd, (struct sockaddr *)&source, sizeof source);
}

static inline int chat_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    return error;
}

static inline ssize_t chat_send(int fd, const void *bytes, size_t count) {
    return send(fd, bytes, count, MSG_NOSIGNAL);
}

// Runs this thread on one processor only, 0 to 1023. The library's own call is hidden behind _GNU_SOURCE, which is not
// ours to define here.
static inline int chat_pin(int processor) {
    if (processor < 0 || processor >= 1024) {
        errno = EINVAL;
        return -1;
    }
    unsigned long set[1024 / (8 * sizeof(unsigned long))] = {0};
    set[processor / (8 * sizeof(unsigned long))] = 1UL << (processor % (8 * sizeof(unsigned long)));
    return (int)syscall(SYS_sched_setaffinity, 0, sizeof set, set);
}

#endif
