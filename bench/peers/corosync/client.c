/*
 * A client of corosync for the benchmarks: the orders and answers of bench/programs/evs.mjs, with libcpg. Compiled when it is wanted:
 * cc -O2 -pthread client.c -lcpg -lm.
 */
#define _GNU_SOURCE
#include <corosync/corotypes.h>
#include <corosync/cpg.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
	HEAD = 16,
	BODIES = 16,
	NODES = 256,
	MESSAGE_MAX = 1 << 20,
	FINENESS = 64,
	BUCKETS = 27 * FINENESS,
	HELD_UP_US = 2000,
	/* Where the queue is full; the library has no other way to wait. */
	TRY_AGAIN_US = 50,
	CONNECT_TRIES = 4000,
	DRAIN_TRIES = 500
};

static cpg_handle_t handle;
static uint32_t me;
static uint8_t pattern[MESSAGE_MAX + 2 * BODIES];

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static uint64_t received, own, misordered, corrupt;
static uint32_t next_of[NODES];
static bool is_known[NODES];
static uint32_t size_expected, sample_every = 1;
static double buckets[BUCKETS], latency_max;

static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static uint32_t size_sent, number;
static double interval_us;
static volatile uint64_t turn, sent;
static uint64_t turn_done;

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static double microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static const uint8_t *body_of(uint32_t sender, uint32_t n)
{
	return pattern + (n & (BODIES - 1)) + (sender & (BODIES - 1));
}

static uint32_t word(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return value;
}

static void time_message(const uint8_t *data)
{
	double sent_at, late;
	int bucket;
	memcpy(&sent_at, data + 8, sizeof sent_at);
	late = microseconds() - sent_at;
	bucket = late < 1 ? 0 : (int)(log2(late) * FINENESS);
	buckets[bucket < BUCKETS ? bucket : BUCKETS - 1] += 1;
	if (late > latency_max)
		latency_max = late;
}

static void on_message(cpg_handle_t h, const struct cpg_name *group, uint32_t sender, uint32_t pid, void *message,
		       size_t length)
{
	const uint8_t *data = message;
	uint32_t n;
	(void)h, (void)group, (void)pid;
	if (length < HEAD || sender >= NODES)
		return;
	pthread_mutex_lock(&counting);
	received++;
	if (sender == me)
		own++;
	n = word(data + 4);
	if (is_known[sender] && n != next_of[sender] && n != 0)
		misordered++;
	is_known[sender] = true;
	next_of[sender] = n + 1;
	if (word(data) != sender || (size_expected && length != size_expected) ||
	    memcmp(data + HEAD, body_of(sender, n), length - HEAD) != 0)
		corrupt++;
	if (sender != me && (n & (sample_every - 1)) == 0)
		time_message(data);
	pthread_mutex_unlock(&counting);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void on_members(cpg_handle_t h, const struct cpg_name *group, const struct cpg_address *members, size_t count,
		       const struct cpg_address *left, size_t left_count, const struct cpg_address *joined,
		       size_t joined_count)
{
	uint32_t ids[NODES];
	size_t i;
	(void)h, (void)group, (void)left, (void)left_count, (void)joined, (void)joined_count;
	for (i = 0; i < count && i < NODES; i++)
		ids[i] = members[i].nodeid;
	count = i;
	qsort(ids, count, sizeof *ids, by_number);
	pthread_mutex_lock(&output);
	printf("{\"configuration\":[");
	for (i = 0; i < count; i++)
		printf("%s%" PRIu32, i ? "," : "", ids[i]);
	printf("],\"kind\":\"regular\",\"at\":%.6f}\n", microseconds() / 1e6);
	fflush(stdout);
	pthread_mutex_unlock(&output);
}

static void *receive(void *unused)
{
	(void)unused;
	cpg_dispatch(handle, CS_DISPATCH_BLOCKING);
	/* It returns when the daemon has gone. */
	exit(0);
}

static void sleep_until(double at_us)
{
	struct timespec at = {(time_t)(at_us / 1e6), (long)(fmod(at_us, 1e6) * 1e3)};
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* False: somebody said something else meanwhile, or the daemon has gone. */
static bool send_one(uint8_t *message, double at, uint64_t mine)
{
	struct iovec bytes = {message, size_sent};
	memcpy(message, &me, sizeof me);
	memcpy(message + 4, &number, sizeof number);
	memcpy(message + 8, &at, sizeof at);
	memcpy(message + HEAD, body_of(me, number), size_sent - HEAD);
	for (;;) {
		cs_error_t result = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &bytes, 1);
		if (result == CS_OK) {
			number++;
			sent++;
			return mine == turn;
		}
		if (result != CS_ERR_TRY_AGAIN) {
			fprintf(stderr, "bench: cpg_mcast_joined of %" PRIu32 " bytes: error %d\n", size_sent, result);
			return false;
		}
		if (mine != turn)
			return false;
		usleep(TRY_AGAIN_US);
	}
}

static void send_in_turn(uint64_t mine)
{
	static uint8_t message[MESSAGE_MAX];
	double due = microseconds();
	for (;;) {
		double now = microseconds();
		if (interval_us > 0) {
			due += interval_us;
			if (due > now)
				sleep_until(due);
			now = microseconds();
		}
		if (!send_one(message, interval_us > 0 && now - due > HELD_UP_US ? due : now, mine))
			return;
	}
}

static void *send_all(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&sending);
	for (;;) {
		uint64_t mine;
		while (size_sent == 0 || turn_done == turn)
			pthread_cond_wait(&wanted, &sending);
		mine = turn;
		pthread_mutex_unlock(&sending);
		send_in_turn(mine);
		pthread_mutex_lock(&sending);
		turn_done = mine;
	}
	return NULL;
}

/* The number of a key in a line of JSON; 0 if it is not there. */
static double number_of(const char *line, const char *key)
{
	char quoted[32];
	const char *at;
	snprintf(quoted, sizeof quoted, "\"%s\":", key);
	at = strstr(line, quoted);
	return at ? strtod(at + strlen(quoted), NULL) : 0;
}

static bool asks(const char *line, const char *what)
{
	char quoted[32];
	snprintf(quoted, sizeof quoted, "\"do\":\"%s\"", what);
	return strstr(line, quoted) != NULL;
}

static void answer_report(uint64_t id)
{
	const char *comma = "";
	int i;
	pthread_mutex_lock(&counting);
	pthread_mutex_lock(&output);
	printf("{\"id\":%" PRIu64 ",\"received\":%" PRIu64 ",\"misordered\":%" PRIu64 ",\"corrupt\":%" PRIu64
	       ",\"at\":%.6f,\"latency\":{\"max\":%.1f,\"buckets\":[",
	       id, received, misordered, corrupt, microseconds() / 1e6, latency_max);
	for (i = 0; i < BUCKETS; i++) {
		if (buckets[i] == 0)
			continue;
		printf("%s%d,%.0f", comma, i, buckets[i]);
		comma = ",";
		buckets[i] = 0;
	}
	printf("]}}\n");
	fflush(stdout);
	latency_max = 0;
	pthread_mutex_unlock(&output);
	pthread_mutex_unlock(&counting);
}

static void answer(uint64_t id)
{
	pthread_mutex_lock(&output);
	printf("{\"id\":%" PRIu64 "}\n", id);
	fflush(stdout);
	pthread_mutex_unlock(&output);
}

static void start_sending(const char *line)
{
	pthread_mutex_lock(&sending);
	size_sent = (uint32_t)number_of(line, "size");
	interval_us = number_of(line, "interval");
	turn++;
	pthread_cond_signal(&wanted);
	pthread_mutex_unlock(&sending);
}

/* Until everything of ours has come back, or does not for seconds. */
static void quiet(void)
{
	int i;
	pthread_mutex_lock(&sending);
	turn_done = ++turn;
	pthread_mutex_unlock(&sending);
	for (i = 0; i < DRAIN_TRIES; i++) {
		bool is_drained;
		usleep(10000);
		pthread_mutex_lock(&counting);
		is_drained = own >= sent;
		pthread_mutex_unlock(&counting);
		if (is_drained)
			return;
	}
}

static void obey(const char *line)
{
	uint64_t id = (uint64_t)number_of(line, "id");
	if (asks(line, "report")) {
		answer_report(id);
		return;
	}
	if (asks(line, "expect")) {
		pthread_mutex_lock(&counting);
		size_expected = (uint32_t)number_of(line, "size");
		sample_every = (uint32_t)number_of(line, "sampleEvery");
		pthread_mutex_unlock(&counting);
	}
	if (asks(line, "flood") || asks(line, "pace"))
		start_sending(line);
	if (asks(line, "quiet"))
		quiet();
	answer(id);
}

static bool join(void)
{
	struct cpg_name group = {.length = 5, .value = "bench"};
	cpg_model_v1_data_t model;
	memset(&model, 0, sizeof model);
	model.model = CPG_MODEL_V1;
	model.cpg_deliver_fn = on_message;
	model.cpg_confchg_fn = on_members;
	if (cpg_model_initialize(&handle, CPG_MODEL_V1, (cpg_model_data_t *)&model, NULL) != CS_OK)
		return false;
	if (cpg_local_get(handle, &me) == CS_OK && cpg_join(handle, &group) == CS_OK)
		return true;
	cpg_finalize(handle);
	return false;
}

int main(void)
{
	static char line[4096];
	pthread_t receiver, sender;
	uint32_t i;
	prctl(PR_SET_TIMERSLACK, 1000);
	for (i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(((i + 1) * 0x9e3779b1u) >> 24);
	for (i = 0; !join(); i++) {
		if (i == CONNECT_TRIES) {
			fprintf(stderr, "bench: corosync does not let its client connect\n");
			return 1;
		}
		usleep(5000);
	}
	pthread_create(&receiver, NULL, receive, NULL);
	pthread_create(&sender, NULL, send_all, NULL);
	pthread_mutex_lock(&output);
	printf("{\"ready\":true}\n");
	fflush(stdout);
	pthread_mutex_unlock(&output);
	while (fgets(line, sizeof line, stdin))
		obey(line);
	_exit(0);
}
