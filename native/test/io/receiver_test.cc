#include "io/receiver.hpp"

#include <doctest/doctest.h>

#include "io/bounds.hpp"
#include "io/udp_sender.hpp"
#include "test/io/loopback.hpp"

using namespace openais;
using namespace openais::test;

namespace {

std::vector<std::uint8_t> side_by_side(std::size_t count, std::size_t size, std::size_t last) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto datagram = pattern(i + 1 == count ? last : size, static_cast<std::uint8_t>(i));
    bytes.insert(bytes.end(), datagram.begin(), datagram.end());
  }
  return bytes;
}

void check_patterns(const Arrived& arrived, std::size_t count, std::size_t size, std::size_t last) {
  REQUIRE(arrived.datagrams.size() == count);
  for (std::size_t i = 0; i < count; ++i)
    CHECK(arrived.datagrams[i] == pattern(i + 1 == count ? last : size, static_cast<std::uint8_t>(i)));
}

// Sends `count` datagrams in one send() and checks that they arrive as they were. Returns the buffers that they came
// in.
std::size_t round_trip(bool can_segment, bool can_merge) {
  constexpr std::size_t kCount = 44, kSize = 1400, kLast = 33;
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kMulticast, can_merge);
  IoStats sent, received;
  UdpSender sender(links[0]->token(), can_segment, sent);
  auto bytes = side_by_side(kCount, kSize, kLast);
  sender.begin();
  sender.send(to_socket_address(links[0]->config().group), bytes, kSize);
  CHECK(sent.datagrams_sent == kCount);
  CHECK(sent.datagrams_unsent == 0);
  CHECK(sent.datagrams_segmented == (can_segment ? kCount : 0));
  CHECK(sent.send_calls == 1);
  Receiver receiver(links[1]->data(), kReceiveBuffers, received);
  const Arrived arrived = receive(links[1]->data(), receiver, kCount);
  check_patterns(arrived, kCount, kSize, kLast);
  CHECK(received.datagrams_received == kCount);
  return arrived.buffers;
}

}  // namespace

TEST_CASE("what was sent in one piece arrives in one piece, where the kernel can") {
  const auto links = open_links({"127.0.0.1"}, Transport::kMulticast);
  if (!links[0]->can_merge() || !links[0]->can_segment()) {
    MESSAGE("this kernel has no UDP offload: not tested");
    return;
  }
  CHECK(round_trip(true, true) == 1);
}

TEST_CASE("sender and receiver can do without offload, each by itself") {
  const auto links = open_links({"127.0.0.1"}, Transport::kMulticast);
  if (links[0]->can_segment()) CHECK(round_trip(true, false) == 44);
  if (links[0]->can_merge()) CHECK(round_trip(false, true) <= 44);
  CHECK(round_trip(false, false) == 44);
}

TEST_CASE("an empty socket gives nothing, an empty datagram is skipped, and a batch is used up before the next") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kUnicast);
  IoStats stats;
  Receiver receiver(links[1]->data(), 4, stats);
  ReceivedBuffer buffer;
  CHECK_FALSE(receiver.next(buffer));
  CHECK_FALSE(receiver.has_pending());

  const SocketAddress to = to_socket_address(links[1]->config().data);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    const auto bytes = pattern(size, 9);
    REQUIRE(::sendto(links[0]->token(), bytes.data(), size, 0, to.get(), to.size) == static_cast<ssize_t>(size));
  }
  REQUIRE(wait_readable(links[1]->data()));
  CHECK_FALSE(receiver.next(buffer));
  receiver.begin();
  REQUIRE(receiver.next(buffer));
  CHECK(buffer.bytes.size() == 1);
  CHECK(buffer.from == links[0]->token_endpoint());
  CHECK(receiver.has_pending());
  REQUIRE(receiver.next(buffer));
  CHECK(buffer.bytes.size() == 2);
  CHECK_FALSE(receiver.has_pending());
  // Three came where four would have found room: there is no more, and the kernel need not be asked.
  const std::uint64_t calls = stats.receive_calls;
  CHECK_FALSE(receiver.next(buffer));
  CHECK(stats.receive_calls == calls);
}

TEST_CASE("datagrams that the kernel had no room for are counted") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kUnicast);
  const int small = 4096;
  REQUIRE(::setsockopt(links[1]->data(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0);
  const SocketAddress to = to_socket_address(links[1]->config().data);
  const auto bytes = pattern(1000, 1);
  constexpr std::size_t kCount = 100;
  IoStats stats;
  Receiver receiver(links[1]->data(), 4, stats);
  std::size_t arrived = 0;
  // The count comes with the next datagram that found room.
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < kCount; ++i)
      REQUIRE(::sendto(links[0]->token(), bytes.data(), bytes.size(), 0, to.get(), to.size) == 1000);
    ReceivedBuffer buffer;
    receiver.begin();
    while (receiver.next(buffer)) ++arrived;
  }
  CHECK(stats.receive_overflows > 0);
  CHECK(stats.receive_overflows + arrived <= 2 * kCount);
  CHECK(stats.receive_overflows >= kCount - arrived);
}

TEST_CASE("a datagram longer than the interface admits arrives all the same") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kMulticast);
  IoStats sent, received;
  UdpSender sender(links[0]->token(), links[0]->can_segment(), sent);
  auto bytes = pattern(65507, 3);
  sender.begin();
  sender.send(to_socket_address(links[0]->config().group), bytes, bytes.size());
  CHECK(sent.datagrams_sent == 1);
  Receiver receiver(links[1]->data(), 1, received);
  const Arrived arrived = receive(links[1]->data(), receiver, 1);
  REQUIRE(arrived.datagrams.size() == 1);
  CHECK(arrived.datagrams[0] == bytes);
}
