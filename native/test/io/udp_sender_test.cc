#include "io/udp_sender.hpp"

#include <doctest/doctest.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "io/clock.hpp"
#include "io/error_queue.hpp"
#include "io/file_descriptor.hpp"
#include "test/io/loopback.hpp"

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
