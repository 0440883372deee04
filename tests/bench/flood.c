/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The load for tests/bench/lab.
 *
 *   flood send DEVICE SECONDS FIRST COUNT   UDP probes over an Ethernet device as fast as it takes
 * them: to COUNT addresses from FIRST on, TTL 1 to 24, each flow with checksums flood echo DEVICE
 * COMMAND…              make a TAP device, give back every frame with its addresses exchanged until
 * COMMAND ends
 *
 * send prints the answers that came in a second. Both stay on one processor: echo on 0, send on 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_LEN = 14 + 20 + 8 + 16, BATCH = 64, TTL_MAX = 24, DPORT = 33480, SPORT = 33481 };

static void fail(const char *what)
{
    fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stay_on(int processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    sched_setaffinity(0, sizeof(set), &set); /* where there is one processor only, it has to do */
}

static void put_u16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static unsigned sum(const unsigned char *at, size_t len)
{
    unsigned total = 0;

    for (size_t i = 0; i < len; i += 2)
        total += (unsigned)(at[i] << 8 | at[i + 1]);
    return total;
}

static unsigned fold(unsigned total)
{
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return ~total & 0xffff;
}

/* A probe number n: destinations take turns, and TTLs at each. */
static void make_probe(unsigned char *frame, unsigned n, unsigned first, unsigned count)
{
    static const unsigned char macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
    unsigned char *ip = frame + 14;
    unsigned char *udp = ip + 20;
    const unsigned address = first + n % count;
    const unsigned ttl = 1 + n % TTL_MAX;

    memset(frame, 0, FRAME_LEN);
    memcpy(frame, macs, sizeof(macs));
    put_u16(frame + 12, ETH_P_IP);
    ip[0] = 0x45;
    put_u16(ip + 2, FRAME_LEN - 14);
    put_u16(ip + 4, 1U << 8 | ttl);
    ip[8] = (unsigned char)ttl;
    ip[9] = IPPROTO_UDP;
    memcpy(ip + 12, (unsigned char[]){ 192, 0, 2, 1 }, 4);
    put_u16(ip + 16, address >> 16);
    put_u16(ip + 18, address & 0xffff);
    put_u16(ip + 10, fold(sum(ip, 20)));
    put_u16(udp, SPORT);
    put_u16(udp + 2, DPORT);
    put_u16(udp + 4, 8 + 16);
    put_u16(udp + 6, fold(sum(ip + 12, 8) + IPPROTO_UDP + 24 + sum(udp, 24)));
}

/* Frames that the kernel received from the device. */
static unsigned long long received(const char *device)
{
    FILE *file = fopen("/proc/self/net/dev", "r");
    char line[512];
    unsigned long long packets = 0;
    if (file == NULL)
        fail("/proc/self/net/dev");

    while (fgets(line, sizeof(line), file) != NULL) {
        char name[IFNAMSIZ + 1];
        unsigned long long bytes, count;
        if (sscanf(line, " %16[^:]: %llu %llu", name, &bytes, &count) == 3 &&
            strcmp(name, device) == 0)
            packets = count;
    }
    fclose(file);
    return packets;
}

/* Without a protocol it receives nothing. */
static int open_packet_socket(const char *device)
{
    const int fd = socket(AF_PACKET, SOCK_RAW, 0);
    const struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                         .sll_ifindex = (int)if_nametoindex(device) };

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        fail(device);
    return fd;
}

static void send_batch(int fd, unsigned n, unsigned first, unsigned count)
{
    static unsigned char frames[BATCH][FRAME_LEN];
    struct mmsghdr messages[BATCH] = { 0 };
    struct iovec vectors[BATCH];

    for (unsigned i = 0; i < BATCH; i++) {
        make_probe(frames[i], n + i, first, count);
        vectors[i] = (struct iovec){ frames[i], FRAME_LEN };
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    if (sendmmsg(fd, messages, BATCH, 0) < BATCH)
        sched_yield(); /* the queue is full */
}

static int send_probes(const char *device, double seconds, unsigned first, unsigned count)
{
    const int fd = open_packet_socket(device);
    const double begin = seconds_now();
    const unsigned long long before = received(device);
    unsigned n = 0;

    stay_on(1);
    while (seconds_now() - begin < seconds) {
        send_batch(fd, n, first, count);
        n += BATCH;
    }
    printf("%.0f\n", (double)(received(device) - before) / (seconds_now() - begin));
    return 0;
}

static int open_tap(const char *device)
{
    const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

    strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0)
        fail("/dev/net/tun");
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP;
    if (ioctl(control, SIOCSIFFLAGS, &request) != 0)
        fail(device);
    close(control);
    return fd;
}

/* Addresses are exchanged, so that the kernel takes what comes back as far as it takes an answer.
 */
static void turn_round(unsigned char *frame)
{
    unsigned char swap[6];

    memcpy(swap, frame, 6);
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, swap, 6);
    memcpy(swap, frame + 26, 4);
    memcpy(frame + 26, frame + 30, 4);
    memcpy(frame + 30, swap, 4);
}

static int echo(const char *device, char **command)
{
    const int fd = open_tap(device);
    unsigned char frame[2048];
    struct pollfd pollfd = { fd, POLLIN, 0 };
    const pid_t child = fork();
    int status = 0;

    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    stay_on(0);
    while (waitpid(child, &status, WNOHANG) == 0) {
        poll(&pollfd, 1, 100);
        for (ssize_t len; (len = read(fd, frame, sizeof(frame))) > 0;) {
            turn_round(frame);
            if (write(fd, frame, (size_t)len) < 0 && errno != EAGAIN)
                fail("write");
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "send") == 0)
        return send_probes(argv[2], atof(argv[3]), ntohl(inet_addr(argv[4])),
                           (unsigned)atoi(argv[5]));
    if (argc > 3 && strcmp(argv[1], "echo") == 0)
        return echo(argv[2], argv + 3);
    fprintf(stderr,
            "usage: flood send DEVICE SECONDS FIRST COUNT | flood echo DEVICE COMMAND...\n");
    return 2;
}
