#include "io/udp_sender.hpp"

#include <doctest/doctest.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "io/clock.hpp"
#include "io/error_queue.hpp"
#include "io/file_descriptor.hpp"
#include "test/io/loopback.hpp"
#include "test/io/network.hpp"

using namespace openais;
using namespace openais::test;

TEST_CASE("where the kernel refuses to cut, the datagrams go one by one, and the next ones at once") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kMulticast);
  if (!links[0]->can_segment()) return;
  // Without checksums the kernel does not cut.
  const int on = 1;
  REQUIRE(::setsockopt(links[0]->token(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on) == 0);
  IoStats sent, received;
  UdpSender sender(links[0]->token(), true, sent);
  Receiver receiver(links[1]->data(), 4, received);
  for (std::uint64_t round = 1; round <= 2; ++round) {
    auto bytes = pattern(10 * 1000, 5);
    sender.begin();
    sender.send(to_socket_address(links[0]->config().group), bytes, 1000);
    CHECK(receive(links[1]->data(), receiver, 10).datagrams.size() == 10);
    CHECK(sent.segmentation_refusals == 1);
    CHECK(sent.datagrams_sent == 10 * round);
    CHECK(sent.datagrams_segmented == 0);
  }
}

TEST_CASE("the refusal of an earlier datagram does not eat the next one") {
  auto links = open_links({"127.0.0.1", "127.0.0.2", "127.0.0.3"}, Transport::kUnicast);
  const SocketAddress gone = to_socket_address(links[1]->token_endpoint());
  const SocketAddress there = to_socket_address(links[2]->config().data);
  links[1] = nullptr;
  IoStats sent, received;
  UdpSender sender(links[0]->token(), links[0]->can_segment(), sent);
  auto bytes = pattern(100, 1);
  for (int i = 0; i < 10; ++i) {
    sender.begin();
    sender.send(gone, bytes, 100);
    sender.send(there, bytes, 100);
    sender.send(there, bytes, 50);
  }
  CHECK(sent.datagrams_unsent == 0);
  Receiver receiver(links[2]->data(), 4, received);
  CHECK(receive(links[2]->data(), receiver, 30).datagrams.size() == 30);
  Endpoint to;
  CHECK(take_queued_error(links[0]->token(), to) == QueuedError::kRefused);
}

TEST_CASE("a full socket is waited for, but not for long: then datagrams are dropped and counted") {
  // Unix sockets refuse at a short queue that nobody reads; UDP has no full socket without a slow interface.
  const FileDescriptor reader(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const FileDescriptor writer(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = "openais-test-" + std::to_string(::getpid());
  path.copy(name.sun_path + 1, path.size());
  SocketAddress to;
  std::memcpy(&to.storage, &name, sizeof name);
  to.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + path.size());
  REQUIRE(::bind(reader.get(), to.get(), to.size) == 0);

  IoStats stats;
  UdpSender sender(writer.get(), false, stats);
  constexpr std::size_t kCount = 60;
  auto bytes = pattern(kCount * 100, 1);
  std::uint64_t offered = 0;
  Time took = 0;
  for (int round = 0; round < 20 && stats.datagrams_unsent == 0; ++round) {
    const Time began = clock_now();
    sender.begin();
    sender.send(to, bytes, 100);
    took = clock_now() - began;
    offered += kCount;
  }
  CHECK(stats.datagrams_unsent > 0);
  CHECK(stats.datagrams_sent > 0);
  CHECK(stats.datagrams_sent + stats.datagrams_unsent == offered);
  CHECK(stats.send_waits > 0);
  CHECK(took >= kSendPatience / 2);
  CHECK(took < 10 * kSendPatience);

  // Patience is for a flush, not for a datagram.
  const Time began = clock_now();
  sender.send(to, bytes, 100);
  CHECK(clock_now() - began < kSendPatience / 2);
}

TEST_CASE("a network that cannot be reached costs no time") {
  const auto links = open_links({"127.0.0.1"}, Transport::kUnicast);
  IoStats stats;
  UdpSender sender(links[0]->token(), links[0]->can_segment(), stats);
  auto bytes = pattern(5 * 100, 1);
  const Time began = clock_now();
  sender.begin();
  // From a loopback address nothing else can be reached.
  sender.send(to_socket_address(endpoint("198.51.100.1", 9)), bytes, 100);
  sender.send(to_socket_address(endpoint("198.51.100.1", 9)), bytes, 500);
  CHECK(stats.datagrams_sent == 0);
  CHECK(stats.datagrams_unsent == 6);
  CHECK(clock_now() - began < kSendPatience);
}

TEST_CASE("datagrams that the interface is too narrow for are fragmented by IP, smaller ones still leave in one call") {
  const Outcome outcome = in_own_network([] {
    std::string error;
    const auto link = LinkSockets::open(link_config("10.9.0.1", 5405), Transport::kMulticast, true, error);
    if (link == nullptr || !link->can_segment()) return link != nullptr;
    IoStats sent, received;
    UdpSender sender(link->token(), true, sent);
    Receiver receiver(link->data(), 4, received);
    const SocketAddress group = to_socket_address(link->config().group);
    auto bytes = pattern(8 * 2000, 1);
    sender.begin();
    sender.send(group, bytes, 2000);
    if (receive(link->data(), receiver, 8).datagrams.size() != 8 || sent.segmentation_refusals != 1) return false;
    sender.send(group, bytes, 2000);
    sender.send(group, bytes, 1000);
    return receive(link->data(), receiver, 24).datagrams.size() == 24 && sent.segmentation_refusals == 1 &&
           sent.datagrams_segmented == 16 && sent.datagrams_unsent == 0;
  });
  if (outcome == Outcome::kImpossible) MESSAGE("no network of our own: not tested");
  CHECK(outcome != Outcome::kFailed);
}

TEST_CASE("a full queue of the interface is waited for") {
  const Outcome outcome = in_own_network([] {
    std::string error;
    const auto link = LinkSockets::open(link_config("10.9.0.1", 5405), Transport::kMulticast, false, error);
    if (link == nullptr || !run_command("tc qdisc add dev near root tbf rate 4mbit burst 4kb limit 8kb")) return false;
    IoStats stats;
    UdpSender sender(link->token(), false, stats);
    auto bytes = pattern(20 * 1000, 1);
    sender.begin();
    sender.send(to_socket_address(link->config().group), bytes, 1000);
    // 20 kB take 40 ms: more than the queue holds, less than our patience.
    return stats.send_waits > 0 && stats.datagrams_sent == 20 && stats.datagrams_unsent == 0;
  });
  if (outcome == Outcome::kImpossible) MESSAGE("no network of our own: not tested");
  CHECK(outcome != Outcome::kFailed);
}

TEST_CASE("a firewall takes single datagrams, not the ones behind them") {
  const Outcome outcome = in_own_network([] {
    std::string error;
    const auto link = LinkSockets::open(link_config("10.9.0.1", 5405), Transport::kMulticast, true, error);
    if (link == nullptr) return false;
    const char* const rule =
        "nft 'add table t; add chain t c { type filter hook output priority 0; }; add rule t c udp length 508 drop'";
    if (!run_command(rule)) return true;
    IoStats sent, received;
    UdpSender sender(link->token(), link->can_segment(), sent);
    Receiver receiver(link->data(), 4, received);
    const SocketAddress group = to_socket_address(link->config().group);
    auto bytes = pattern(1000, 1);
    for (const std::size_t size : {400, 500, 600, 500}) {
      sender.begin();
      sender.send(group, std::span(bytes).first(size), size);
    }
    return receive(link->data(), receiver, 2).datagrams.size() == 2 && sent.datagrams_unsent == 2;
  });
  if (outcome == Outcome::kImpossible) MESSAGE("no network of our own: not tested");
  CHECK(outcome != Outcome::kFailed);
}
